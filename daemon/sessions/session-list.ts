import { isDeepStrictEqual } from "node:util";
import type { StateChange } from "../../protocol/daemon-state.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import type { Attributor } from "../attribution/attributor.ts";
import type { ConversationIndex, IndexChange, IndexedConversation } from "../conversation-index/conversation-index.ts";
import { createConversationPaths } from "../conversation-index/conversation-paths.ts";
import type { ExternalSessions } from "../external/external-sessions.ts";
import { createEntryChoice } from "./entry-choice.ts";
import { createHoldings } from "./holdings.ts";
import type { KnownSession } from "./known-session.ts";
import { createKnownSessions, type KnownSessionsParts } from "./known-sessions.ts";
import { withPreferences, type PreferenceStore } from "../preferences.ts";
import { createSessionIdentities } from "./session-identity.ts";
import type { SessionRecords } from "./session-records.ts";
import { compareSessions } from "./session-summary.ts";
import type { StatusAnswer } from "./session-status.ts";
import { createSilentSessions, doubtWhileFresh } from "./silent-sessions.ts";
import { createStatusClock } from "./status-clock.ts";

/** Changes of one moment are told as one. */
const COALESCE_MS = 15;
/** Of external sessions that have ended, so that who was told of one can go on with its conversation. */
const MAX_REMEMBERED = 256;

export interface SessionListParts extends Omit<KnownSessionsParts, "doubt"> {
  records: Pick<SessionRecords, "all" | "get" | "reload" | "onChange">;
  index: Pick<ConversationIndex, "all" | "byId" | "get" | "onChange" | "state" | "onState">;
  externals: Pick<ExternalSessions, "all" | "onChange">;
  attributor: Pick<Attributor, "of" | "onChange">;
  preferences: Pick<PreferenceStore, "isMuted" | "dismissedAt" | "onChange">;
}

/**
 * Every session as clients see it: an entry for each process, live or external, and one for each conversation that
 * no process holds. A change costs what has changed, however many sessions there are.
 */
export interface SessionList {
  /** All entries, in the order of `compareSessions`. */
  all(): readonly SessionSummary[];
  /**
   * Also a session that is no entry, because it left nothing to resume or another one holds its conversation now. The
   * id of an external session that has ended leads to the entry of what it had open.
   */
  find(id: SessionId): SessionSummary | undefined;
  /** What the session's summary is made from, as of now. */
  known(id: SessionId): KnownSession | undefined;
  /** The entry that stands for this conversation. */
  ofConversation(conversationId: string): SessionSummary | undefined;
  /** Works the session out anew although none of its sources has said so. */
  lookAt(id: SessionId): void;
  /** Tells of entries that are new, different or gone, within 15 ms; `all` and `find` have it told first. */
  onChange(listener: (change: StateChange) => void): () => void;
  close(): void;
}

export function createSessionList(parts: SessionListParts): SessionList {
  const { records, index, externals, attributor, preferences } = parts;
  /** The sessions that pisync launched and the external ones, entries or not. */
  const sessions = new Map<SessionId, SessionSummary>();
  /** By conversation: those that no session is about. */
  const found = new Map<string, SessionSummary>();
  const entries = new Map<SessionId, SessionSummary>();
  let ordered: SessionSummary[] | undefined;
  const holdings = createHoldings();
  const identities = createSessionIdentities((id) => sessions.has(id));
  const silent = createSilentSessions();
  /** By the ids of external sessions that have ended: what they had open. */
  const leftBehind = new Map<SessionId, string>();
  const known = createKnownSessions({ ...parts, doubt }, identities);
  const heldAt = (id: SessionId) => records.get(id)?.record.updatedAt ?? 0;
  const choice = createEntryChoice({ sessions, found, holdings, identities, heldAt });
  const paths = createConversationPaths();
  /** Conversations whose parent was not in the index when they were looked at. */
  const orphans = new Set<string>();
  const dirtySessions = new Set<SessionId>();
  const dirtyConversations = new Set<string>();
  const listeners = new Set<(change: StateChange) => void>();
  let timer: NodeJS.Timeout | undefined;
  const clock = createStatusClock((id) => lookAt(id));

  function doubt(conversation: IndexedConversation): StatusAnswer | undefined {
    const wasLeft = () => [...leftBehind.values()].includes(conversation.reading.header.id);
    return silent.doubt(conversation) ?? (wasLeft() ? undefined : doubtWhileFresh(conversation, Date.now()));
  }

  /** Also at a conversation that no session is about, by its id. */
  function lookAt(id: SessionId): void {
    dirtySessions.add(id);
    const conversation = identities.conversationOf(id);
    if (conversation !== undefined) dirtyConversations.add(conversation);
    timer ??= setTimeout(flush, COALESCE_MS);
  }

  function lookAtConversation(id: string): void {
    dirtyConversations.add(id);
    for (const session of holdings.sessionsOf(id)) dirtySessions.add(session);
    timer ??= setTimeout(flush, COALESCE_MS);
  }

  function takeIndexed(change: IndexChange): void {
    for (const id of paths.concernedBy(change)) {
      lookAtConversation(id);
      if (change.removed.length === 0) continue;
      // Whether they can be resumed may have changed.
      for (const session of holdings.sessionsOf(id)) {
        if (records.get(session)?.record.host === undefined) void records.reload(session);
      }
    }
  }

  /** Works out one session anew. */
  function renew(id: SessionId): void {
    const present = known.session(id);
    const namesake = present === undefined ? undefined : identities.conversationOf(id);
    if (namesake !== undefined) {
      identities.forget(namesake);
      dirtyConversations.add(namesake);
    }
    const about = present?.held?.conversation.id ?? present?.entry?.record.conversation?.id;
    for (const conversation of [holdings.conversationOf(id), about]) {
      if (conversation !== undefined) dirtyConversations.add(conversation);
    }
    holdings.set(id, about);
    clock.set(id, present?.status.changesAt);
    const changed = silent.note(id, present);
    for (const { cwd, updatedAt, conversation } of changed === undefined ? [] : found.values()) {
      const mayBeIts = cwd === changed?.cwd && updatedAt >= changed.startedAt;
      if (mayBeIts && conversation !== undefined) dirtyConversations.add(conversation.id);
    }
    if (present === undefined) remove(id);
    else sessions.set(id, keptWhenEqual(sessions.get(id), summaryOf(present)));
  }

  function remove(id: SessionId): void {
    const { kind, conversation } = sessions.get(id) ?? {};
    sessions.delete(id);
    if (kind !== "external" || conversation === undefined) return;
    leftBehind.set(id, conversation.id);
    const [oldest] = leftBehind.keys();
    if (leftBehind.size > MAX_REMEMBERED && oldest !== undefined) leftBehind.delete(oldest);
  }

  /** Works out anew what stands for a conversation when no session does. */
  function renewFound(conversationId: string): void {
    const isHeld = [...holdings.sessionsOf(conversationId)].some((id) => sessions.get(id)?.conversation !== undefined);
    const onDisk = isHeld ? undefined : known.onDisk(conversationId);
    if (onDisk === undefined) return void found.delete(conversationId);
    clock.set(onDisk.id, onDisk.status.changesAt);
    found.set(conversationId, keptWhenEqual(found.get(conversationId), summaryOf(onDisk)));
  }

  function summaryOf(session: KnownSession): SessionSummary {
    const summary = withPreferences(known.summary(session), preferences);
    const header = session.indexed?.reading.header;
    if (header?.parent !== undefined && summary.parent === undefined) orphans.add(header.id);
    return summary;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const touched = new Set(dirtySessions);
    for (const id of dirtySessions) renew(id);
    dirtySessions.clear();
    for (const conversation of dirtyConversations) {
      const before = found.get(conversation)?.id;
      renewFound(conversation);
      for (const id of [before, found.get(conversation)?.id, ...holdings.sessionsOf(conversation)]) {
        if (id !== undefined) touched.add(id);
      }
    }
    dirtyConversations.clear();
    tell(touched);
  }

  function tell(touched: Iterable<SessionId>): void {
    const change: StateChange = { changed: [], removed: [] };
    for (const id of touched) {
      const before = entries.get(id);
      const now = choice.entryOf(id);
      if (now === undefined) {
        if (entries.delete(id)) change.removed.push(id);
      } else if (before !== now) {
        entries.set(id, now);
        change.changed.push(now);
      }
    }
    if (change.changed.length + change.removed.length === 0) return;
    ordered = undefined;
    for (const listener of listeners) listener(change);
  }

  const subscriptions = [
    records.onChange(lookAt),
    externals.onChange(() => {
      const present = new Set(externals.all().map(({ id }) => id));
      for (const { id, kind } of sessions.values()) if (kind === "external" && !present.has(id)) lookAt(id);
      for (const id of present) lookAt(id);
    }),
    attributor.onChange(lookAt),
    preferences.onChange((id) => (id === undefined ? undefined : lookAt(id))),
    index.onChange(takeIndexed),
    index.onState(() => {
      if (index.state().state === "scanning") return;
      for (const conversation of orphans) lookAtConversation(conversation);
      orphans.clear();
    }),
  ];
  for (const { record } of records.all()) lookAt(record.id);
  for (const { id } of externals.all()) lookAt(id);
  takeIndexed({ changed: [...index.all()], removed: [] });

  return {
    all() {
      flush();
      return (ordered ??= [...entries.values()].sort(compareSessions));
    },
    find(id) {
      flush();
      const own = found.get(identities.conversationOf(id) ?? "");
      return sessions.get(id) ?? own ?? choice.ofConversation(leftBehind.get(id) ?? "");
    },
    known(id) {
      const conversation = identities.conversationOf(id);
      return known.session(id) ?? (conversation === undefined ? undefined : known.onDisk(conversation));
    },
    ofConversation(conversationId) {
      flush();
      return choice.ofConversation(conversationId);
    },
    lookAt,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      for (const unsubscribe of subscriptions) unsubscribe();
      clearTimeout(timer);
      clock.close();
    },
  };
}

/** An entry that says the same is the same object. */
function keptWhenEqual(before: SessionSummary | undefined, now: SessionSummary): SessionSummary {
  return before !== undefined && isDeepStrictEqual(before, now) ? before : now;
}
