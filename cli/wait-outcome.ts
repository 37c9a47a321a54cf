import type { SessionSummary } from "../protocol/session.ts";
import { EXIT } from "./output.ts";

export const WAIT_FOR = ["idle", "waiting", "error", "exit"] as const;
export type WaitFor = (typeof WAIT_FOR)[number];

export interface WaitOutcome {
  code: number;
  /** Behind the session's id it is a sentence. */
  text: string;
}

export const INTERRUPTED: WaitOutcome = { code: EXIT.interrupted, text: "was interrupted" };
const ENDED: WaitOutcome = { code: EXIT.failed, text: "has ended" };

/** What a session was not in time. */
const LATE: Record<WaitFor, string> = {
  idle: "was not idle",
  waiting: "did not wait for an answer",
  error: "did not fail",
  exit: "did not end",
};

/**
 * The exit code once there is nothing more to wait for in a session, and what to say; undefined before. `session` is
 * undefined when it is listed no more. Pure.
 */
export function waitOutcome(session: SessionSummary | undefined, wanted: WaitFor): WaitOutcome | undefined {
  const runs = session !== undefined && session.kind !== "resumable";
  if (!runs) {
    if (wanted === "exit") return { ...ENDED, code: EXIT.done };
    return session?.ending?.interrupted ? INTERRUPTED : ENDED;
  }
  const { state, error = "no reason given" } = session.status ?? {};
  if (wanted === "exit") return undefined;
  if (state === "error") return { code: wanted === state ? EXIT.done : EXIT.runFailed, text: `failed: ${error}` };
  if (state === "interrupted") return INTERRUPTED;
  if (state !== wanted) return undefined;
  return { code: EXIT.done, text: state === "idle" ? "is idle" : "waits for an answer" };
}

/** What is said of a session that is not as wanted when the time is over. Pure. */
export function lateText(wanted: WaitFor, timeoutMs: number): string {
  return `${LATE[wanted]} within ${timeoutMs / 1_000} s`;
}
