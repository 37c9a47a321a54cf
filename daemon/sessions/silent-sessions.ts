import type { SessionId } from "../../protocol/ids.ts";
import type { IndexedConversation } from "../conversation-index/conversation-index.ts";
import type { KnownSession } from "./known-session.ts";
import type { StatusAnswer } from "./session-status.ts";
import { cwdOf } from "./session-summary.ts";

/** A pi that was just started is found, and what it writes attributed to it, within this time. */
const FOUND_WITHIN_MS = 3_000;

interface SilentSession {
  cwd: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** The running sessions of pi of which it is not known what they have open: it may be what nobody seems to hold. */
export interface SilentSessions {
  /** Takes what is known of a session now; returns it as a silent one when it has become or ceased to be one. */
  note(id: SessionId, known: KnownSession | undefined): SilentSession | undefined;
  /** What to say of a run that nobody seems to go on with, when one of them may; undefined when none may. */
  doubt(conversation: IndexedConversation): StatusAnswer | undefined;
}

export function createSilentSessions(): SilentSessions {
  const silent = new Map<SessionId, SilentSession>();

  return {
    note(id, known) {
      const before = silent.get(id);
      const now = known && asSilent(known);
      if ((before === undefined) === (now === undefined)) return undefined;
      if (now === undefined) silent.delete(id);
      else silent.set(id, now);
      return before ?? now;
    },
    doubt({ reading, writtenAt }) {
      const mayHold = ({ cwd, startedAt }: SilentSession) => cwd === reading.header.cwd && startedAt <= writtenAt;
      if (![...silent.values()].some(mayHold)) return undefined;
      return { evidence: "A pi in its directory may have it open: which conversation that pi has is not known." };
    },
  };
}

/** The same for a pi that nobody has found yet; `changesAt` says when it would have been. */
export function doubtWhileFresh({ writtenAt }: IndexedConversation, now: number): StatusAnswer | undefined {
  const changesAt = writtenAt + FOUND_WITHIN_MS;
  // A file from the future says nothing about now.
  if (now >= changesAt || writtenAt > now) return undefined;
  return { evidence: "It was written a moment ago, so somebody may be at it.", changesAt };
}

function asSilent(known: KnownSession): SilentSession | undefined {
  const { kind, held, entry, external } = known;
  if (kind === "resumable" || held !== undefined || entry?.record.agent === "command") return undefined;
  return { cwd: cwdOf(known), startedAt: external?.startedAt ?? entry?.record.createdAt ?? 0 };
}
