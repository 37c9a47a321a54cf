import type { SessionId } from "../protocol/ids.ts";
import { SESSION_ID_ALPHABET, SESSION_ID_LENGTH } from "../protocol/session-id.ts";

/** An id has to be unique and is no secret, so Node's crypto module need not be loaded for it. */
export function newSessionId(): SessionId {
  const letter = () => SESSION_ID_ALPHABET[Math.floor(Math.random() * SESSION_ID_ALPHABET.length)];
  return Array.from({ length: SESSION_ID_LENGTH }, letter).join("");
}
