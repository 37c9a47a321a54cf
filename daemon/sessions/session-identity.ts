import { createHash } from "node:crypto";
import type { SessionId } from "../../protocol/ids.ts";
import { SESSION_ID_ALPHABET, SESSION_ID_LENGTH } from "../../protocol/session-id.ts";

/**
 * The session id of a conversation that pisync never launched: always the same one, which the session keeps when the
 * conversation is resumed. `attempt` counts up while the id before belongs to another session.
 */
export function sessionIdOf(conversationId: string, attempt = 0): SessionId {
  const digest = createHash("sha256").update(`conversation ${attempt} ${conversationId}`).digest();
  // 32 letters, so that the five lowest bits of a byte choose each with the same probability.
  const letters = Array.from(digest.subarray(0, SESSION_ID_LENGTH), (byte) => SESSION_ID_ALPHABET[byte & 31]);
  return letters.join("");
}

/** Session ids of conversations without a session, no two alike. */
export interface SessionIdentities {
  of(conversationId: string): SessionId;
  /** The conversation that has this id, if one has. */
  conversationOf(id: SessionId): string | undefined;
  /** Frees the conversation's id, so that the next `of` looks again for the first free one. */
  forget(conversationId: string): void;
}

/** `isTaken` says whether a session has this id already, whatever it holds. */
export function createSessionIdentities(isTaken: (id: SessionId) => boolean): SessionIdentities {
  const ids = new Map<string, SessionId>();
  const conversations = new Map<SessionId, string>();

  return {
    of(conversationId) {
      const known = ids.get(conversationId);
      if (known !== undefined) return known;
      let attempt = 0;
      let id = sessionIdOf(conversationId);
      while (isTaken(id) || conversations.has(id)) id = sessionIdOf(conversationId, ++attempt);
      ids.set(conversationId, id);
      conversations.set(id, conversationId);
      return id;
    },
    conversationOf: (id) => conversations.get(id),
    forget(conversationId) {
      const id = ids.get(conversationId);
      if (id === undefined) return;
      ids.delete(conversationId);
      conversations.delete(id);
    },
  };
}
