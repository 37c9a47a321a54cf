import type { LaunchPlan } from "../adapters/agents/agent-adapter.ts";
import type { SessionSummary } from "../protocol/session.ts";
import type { Attributor } from "./attribution/attributor.ts";
import type { ConversationIndex } from "./conversation-index/conversation-index.ts";
import type { ExternalSessions } from "./external/external-sessions.ts";
import type { SessionList } from "./sessions/session-list.ts";
import { within } from "./within.ts";

/** How long a launch waits until it is known what a pi in its directory has open. */
const SCAN_MS = 5_000;
const LOOK_MS = 5_000;

export interface ConversationGuardParts {
  sessions: Pick<SessionList, "all">;
  externals: Pick<ExternalSessions, "refresh">;
  index: Pick<ConversationIndex, "whenScanned">;
  attributor: Pick<Attributor, "look">;
}

/**
 * Looks for a process that has a conversation open without a lease on it: a pi that pisync did not start, or one that
 * does not say what it has open. Two pi on one conversation would split it silently.
 */
export interface ConversationGuard {
  /** The running session that has the conversation of this plan open, looked for now. */
  holderOf(plan: LaunchPlan): Promise<SessionSummary | undefined>;
}

export function createConversationGuard(parts: ConversationGuardParts): ConversationGuard {
  const { sessions, externals, index, attributor } = parts;
  const running = () => sessions.all().filter(({ kind, agent }) => kind !== "resumable" && agent === "pi");
  const known = (plan: LaunchPlan) => running().find((session) => holds(session, plan));

  return {
    async holderOf(plan) {
      if (plan.conversationKeys.length === 0) return undefined;
      await externals.refresh();
      const holder = known(plan);
      const silent = running().some(({ conversation, cwd }) => conversation === undefined && cwd === plan.cwd);
      if (holder !== undefined || !silent) return holder;
      await within(index.whenScanned(), SCAN_MS);
      await within(attributor.look(), LOOK_MS);
      return known(plan);
    },
  };
}

function holds({ conversation }: SessionSummary, { conversationKeys }: LaunchPlan): boolean {
  if (conversation === undefined) return false;
  return conversationKeys.some((key) => key === `id:${conversation.id}` || key === `path:${conversation.path}`);
}
