import type { SessionList as ListAnswer, SessionSummary } from "../../protocol/session.ts";
import { SCHEMA_VERSION } from "../../protocol/version.ts";
import type { ConversationIndex } from "../conversation-index/conversation-index.ts";
import type { SessionList } from "../sessions/session-list.ts";

/** Who asks again does so soon; later the answer, half a KB a session, is not worth its memory. */
const KEPT_MS = 10_000;

/** What `GET /v1/sessions` answers. */
export interface ListAnswers {
  /** JSON of the present list: the same bytes until something in it is another. */
  present(): Buffer;
  close(): void;
}

/** With 5,000 sessions making the answer takes ten times as long as sending it. */
export function createListAnswers(parts: {
  sessions: Pick<SessionList, "all">;
  index: Pick<ConversationIndex, "state">;
}): ListAnswers {
  let kept: { of: readonly SessionSummary[]; scanning: string; bytes: Buffer } | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    present() {
      // The list is another array when any entry of it is another one.
      const all = parts.sessions.all();
      const { state, scanned, found } = parts.index.state();
      const answer: ListAnswer = {
        schemaVersion: SCHEMA_VERSION,
        sessions: all as SessionSummary[],
        ...(state === "scanning" ? { scanning: { scanned, found } } : {}),
      };
      const scanning = JSON.stringify(answer.scanning ?? null);
      if (kept?.of !== all || kept.scanning !== scanning) {
        kept = { of: all, scanning, bytes: Buffer.from(JSON.stringify(answer)) };
      }
      clearTimeout(timer);
      timer = setTimeout(() => (kept = undefined), KEPT_MS).unref();
      return kept.bytes;
    },
    close() {
      clearTimeout(timer);
      kept = undefined;
    },
  };
}
