import { homedir } from "node:os";
import type { ConversationAdapter } from "../adapters/agents/conversation-adapter.ts";
import type { ProcessAdapter } from "../adapters/agents/process-adapter.ts";
import type { MultiplexerAdapter } from "../adapters/multiplexers/multiplexer-adapter.ts";
import type { Log } from "../runtime/log.ts";
import { liveSessions } from "./attribution/attributable-sessions.ts";
import { claimAttributions } from "./attribution/claims.ts";
import { createAttributor } from "./attribution/attributor.ts";
import { createConversationGuard, type ConversationGuard } from "./conversation-guard.ts";
import { createConversationIndex, type ConversationIndex } from "./conversation-index/conversation-index.ts";
import { createExternalSessions, type ExternalSessions } from "./external/external-sessions.ts";
import type { HostRegistry } from "./hosts/host-registry.ts";
import type { FactSources } from "./sessions/known-session.ts";
import { watchRecordedPlaces } from "./conversation-index/recorded-places.ts";
import { createRetryLimits } from "./sessions/retry-limits.ts";
import type { PreferenceStore } from "./preferences.ts";
import { createSessionScreens } from "./attribution/session-screens.ts";
import { createSessionList, type SessionList } from "./sessions/session-list.ts";
import type { SessionRecords } from "./sessions/session-records.ts";
import { statusOf } from "./sessions/session-status.ts";
import { createStateStream, type StateStream } from "./api/state-stream.ts";

export interface KnowledgeParts {
  records: SessionRecords;
  hosts: HostRegistry;
  log: Log;
  conversations: ConversationAdapter;
  processes: ProcessAdapter;
  multiplexer: MultiplexerAdapter;
  preferences: PreferenceStore;
  /** The index thread's. */
  indexProgram: string;
  stateDirectory: string;
  /** The daemon's own: says where conversations are and how their agent retries. */
  env: Record<string, string>;
}

/** What the daemon knows of all sessions and conversations, kept up to date, each part with its one owner. */
export interface Knowledge {
  readonly index: ConversationIndex;
  readonly externals: ExternalSessions;
  readonly guard: ConversationGuard;
  readonly sessions: SessionList;
  readonly stream: StateStream;
  close(): Promise<void>;
}

export async function createKnowledge(parts: KnowledgeParts): Promise<Knowledge> {
  const { records, hosts, log, conversations, processes, multiplexer, preferences, env, stateDirectory } = parts;
  const record = (id: string) => records.get(id)?.record;
  const externals = createExternalSessions({ processes, multiplexer, record, log });
  const roots = await conversations.roots(env);
  const index = createConversationIndex({ stateDirectory, log, roots, threadProgram: parts.indexProgram });
  const attributor = createAttributor({
    index,
    screen: createSessionScreens({ records, externals, processes, multiplexer }),
    sessions: () => liveSessions({ records, hosts, externals }),
    log,
  });
  const subscriptions = [
    watchRecordedPlaces(records, index, roots),
    claimAttributions({ attributor, records, log }),
    records.onChange(() => attributor.sessionsChanged()),
    externals.onChange(() => {
      for (const root of externals.all().flatMap(({ conversationRoots }) => conversationRoots)) index.watch(root);
      attributor.sessionsChanged();
    }),
  ];
  const statusOfSession = await createStatusSource(parts, (cwd) => {
    for (const { id, kind, cwd: own } of sessions.all()) if (kind !== "resumable" && own === cwd) sessions.lookAt(id);
  });
  const sessions = createSessionList({
    records,
    hosts,
    index,
    externals,
    attributor,
    preferences,
    statusOf: statusOfSession,
  });
  const stream = createStateStream({ sessions, index, preferences });
  return {
    index,
    externals,
    guard: createConversationGuard({ sessions, externals, index, attributor }),
    sessions,
    stream,
    async close() {
      stream.close();
      sessions.close();
      for (const unsubscribe of subscriptions) unsubscribe();
      attributor.close();
      externals.close();
      await index.close();
    },
  };
}

/** `onLimits` is told of a directory where the agent retries otherwise than was thought. */
async function createStatusSource(
  { conversations, env }: KnowledgeParts,
  onLimits: (cwd: string) => void,
): Promise<FactSources["statusOf"]> {
  const usual = await conversations.retryLimits(homedir(), env);
  const limits = createRetryLimits((cwd) => conversations.retryLimits(cwd, env), {
    initial: usual,
    onChange: onLimits,
  });
  return (facts, cwd) => {
    // Only what runs retries, and only after an error.
    const retries = facts.kind !== "resumable" && facts.tip?.entry === "error";
    return statusOf({ ...facts, retry: retries ? limits.of(cwd) : usual, now: Date.now() }, (tip, context) =>
      conversations.verdict(tip, context),
    );
  };
}
