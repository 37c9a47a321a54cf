import type { SessionId } from "../../protocol/ids.ts";

/** Which session is about which conversation: several can be about one, and each about one at most. */
export interface Holdings {
  sessionsOf(conversationId: string): Iterable<SessionId>;
  conversationOf(session: SessionId): string | undefined;
  /** From now on the session is about this conversation, or none. */
  set(session: SessionId, conversationId: string | undefined): void;
}

export function createHoldings(): Holdings {
  const conversations = new Map<SessionId, string>();
  const sessions = new Map<string, Set<SessionId>>();

  function forget(session: SessionId, conversationId: string): void {
    const others = sessions.get(conversationId);
    others?.delete(session);
    if (others?.size === 0) sessions.delete(conversationId);
    conversations.delete(session);
  }

  return {
    sessionsOf: (conversationId) => sessions.get(conversationId) ?? [],
    conversationOf: (session) => conversations.get(session),
    set(session, conversationId) {
      const before = conversations.get(session);
      if (before === conversationId) return;
      if (before !== undefined) forget(session, before);
      if (conversationId === undefined) return;
      conversations.set(session, conversationId);
      sessions.set(conversationId, (sessions.get(conversationId) ?? new Set()).add(session));
    },
  };
}
