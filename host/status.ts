import type { AgentName, Status } from "../protocol/session.ts";

/** The status of a session whose child was just started. A command is at work until it exits. */
export function statusAtStart(agent: AgentName, now: number): Status {
  return { state: agent === "pi" ? "starting" : "working", since: now, source: "process" };
}
