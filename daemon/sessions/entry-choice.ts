import type { SessionId } from "../../protocol/ids.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { endedBadly } from "../../runtime/session-marks.ts";
import type { Holdings } from "./holdings.ts";
import type { SessionIdentities } from "./session-identity.ts";
import { compareSessions } from "./session-summary.ts";

export interface EntryChoiceParts {
  /** The sessions that pisync launched and the external ones. */
  sessions: ReadonlyMap<SessionId, SessionSummary>;
  /** By conversation: those that no session is about. */
  found: ReadonlyMap<string, SessionSummary>;
  holdings: Pick<Holdings, "sessionsOf">;
  identities: Pick<SessionIdentities, "conversationOf">;
  /** When the session was last known to hold its conversation, milliseconds since the epoch. */
  heldAt: (id: SessionId) => number;
}

/** Chooses what is listed: every process, and what stands for each conversation that no process holds. */
export interface EntryChoice {
  /** What is listed under this id, if anything is. */
  entryOf(id: SessionId): SessionSummary | undefined;
  /** What stands for this conversation: a running session, else the last that ran, else the conversation itself. */
  ofConversation(conversationId: string): SessionSummary | undefined;
}

/** Its program ended by itself, and not well. */
function hasFailed(session: SessionSummary): boolean {
  return session.ending?.cause === "exited" && endedBadly(session);
}

export function createEntryChoice({ sessions, found, holdings, identities, heldAt }: EntryChoiceParts): EntryChoice {
  function holderOf(conversationId: string): SessionSummary | undefined {
    let best: SessionSummary | undefined;
    for (const id of holdings.sessionsOf(conversationId)) {
      const session = sessions.get(id);
      if (session?.conversation === undefined) continue;
      if (best === undefined || goesBefore(session, best)) best = session;
    }
    return best;
  }

  function goesBefore(left: SessionSummary, right: SessionSummary): boolean {
    if (left.kind !== right.kind || left.kind !== "resumable") return compareSessions(left, right) < 0;
    return heldAt(left.id) > heldAt(right.id);
  }

  function isEntry(session: SessionSummary): boolean {
    const { id, kind, agent, conversation } = session;
    if (kind !== "resumable" || agent === "command") return true;
    // A pi that never had a conversation is listed only for what went wrong.
    return conversation === undefined ? hasFailed(session) : holderOf(conversation.id)?.id === id;
  }

  return {
    entryOf(id) {
      const session = sessions.get(id);
      if (session !== undefined) return isEntry(session) ? session : undefined;
      const conversation = identities.conversationOf(id);
      return conversation === undefined ? undefined : found.get(conversation);
    },
    ofConversation: (conversationId) => holderOf(conversationId) ?? found.get(conversationId),
  };
}
