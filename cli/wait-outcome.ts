import type { SessionSummary } from "../protocol/session.ts";
import { EXIT } from "./output.ts";

export const WAIT_FOR = ["idle", "waiting", "error", "exit"] as const;
export type WaitFor = (typeof WAIT_FOR)[number];

/**
 * The exit code once there is nothing more to wait for in a session, and what to say; undefined before. `session` is
 * undefined when it is listed no more. Pure.
 */
export function waitOutcome(
  session: SessionSummary | undefined,
  wanted: WaitFor,
): { code: number; text: string } | undefined {
  const runs = session !== undefined && session.kind !== "resumable";
  if (!runs) {
    if (wanted === "exit") return { code: EXIT.done, text: "has ended" };
    const interrupted = session?.ending?.interrupted === true;
    return { code: interrupted ? EXIT.interrupted : EXIT.failed, text: interrupted ? "was interrupted" : "has ended" };
  }
  const state = session.status?.state;
  if (state === wanted) return { code: EXIT.done, text: `is ${state}` };
  if (wanted === "exit") return undefined;
  if (state === "error") return { code: EXIT.runFailed, text: `failed: ${session.status?.error ?? "no reason given"}` };
  if (state === "interrupted") return { code: EXIT.interrupted, text: "was interrupted" };
  return undefined;
}
