import { constants } from "node:os";
import type { SessionSummary } from "../protocol/session.ts";
import { endedBadly, markOf } from "./session-marks.ts";

/**
 * How a session is, in a word or two, for the list and the sidebar: its status, of a command that says nothing of
 * itself `running`, and how it ended when that was not well. Undefined when nobody says, and of what ended well.
 */
export function statusWords(session: SessionSummary): string | undefined {
  const { kind, status } = session;
  const failure = failureOf(session);
  if (failure !== undefined) return failure;
  if (kind === "resumable" && (status?.state === "exited" || status?.state === "idle")) return undefined;
  return markOf(session) === "running" ? "running" : status?.state;
}

/** SIGKILL for 9. */
export function signalName(signal: number): string {
  const known = Object.entries(constants.signals).find(([, number]) => number === signal);
  return known?.[0] ?? `signal ${signal}`;
}

/** What went wrong at the end of a session; undefined when it is live, ended well, or was interrupted. */
function failureOf(session: SessionSummary): string | undefined {
  const { ending, kind } = session;
  if (kind === "resumable" && ending?.cause === "killed" && !ending.interrupted) return "killed";
  if (!endedBadly(session)) return undefined;
  if (ending?.cause === "host-died") return "host died";
  return ending?.signal === undefined ? `failed (${ending?.exitCode})` : `ended by ${signalName(ending.signal)}`;
}
