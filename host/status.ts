import type { AgentName, Status } from "../protocol/session.ts";
import type { AgentStatus } from "../runtime/agent-status.ts";
import type { ProgramStatus } from "./program-status.ts";

/** Everything that says something about the status of a live session, and what its user has seen of it. */
export interface StatusFacts {
  /** By the process alone; absent when it says nothing, as of a pi without an extension. */
  process?: Status | undefined;
  /** By the extension, while it is connected. */
  extension?: AgentStatus | undefined;
  /** By what pi tells its terminal (OSC 7501). */
  screen?: Status | undefined;
  /** A run goes on; a dialog changes nothing of that. */
  running: boolean;
  /** A run ended, and nobody has looked since. */
  unseen: boolean;
  /** The error was looked at after it was there. */
  acknowledged: boolean;
}

/** What changes the facts. `watched` says whether an interactive view is attached. */
export type StatusEvent =
  | { type: "extension"; status: AgentStatus; watched: boolean }
  /** It is gone and has not come back. */
  | { type: "extension-lost"; watched: boolean }
  | { type: "screen"; report: ProgramStatus; watched: boolean }
  /** Without the extension the process says nothing of pi. */
  | { type: "degraded" }
  /** Somebody attached an interactive view, or used one. */
  | { type: "viewed" }
  /** Nobody saw the end of the run, although a view was attached. */
  | { type: "overlooked" };

/** A session whose child was just started. A command is at work until it exits. */
export function factsAtStart(agent: AgentName, now: number): StatusFacts {
  const process: Status = { state: agent === "pi" ? "starting" : "working", since: now, source: "process" };
  return { process, running: false, unseen: false, acknowledged: false };
}

export function factsAfter(facts: StatusFacts, event: StatusEvent, now: number): StatusFacts {
  switch (event.type) {
    case "extension":
      return withRun({ ...facts, extension: event.status }, event.watched);
    case "extension-lost": {
      const running = facts.running && facts.screen !== undefined;
      return withRun({ ...facts, extension: undefined, process: undefined, running }, event.watched);
    }
    case "screen":
      return withRun({ ...facts, screen: fromScreen(facts.screen, event.report, now) }, event.watched);
    case "degraded":
      return { ...facts, process: undefined };
    case "viewed":
      return { ...facts, unseen: false, acknowledged: true };
    case "overlooked":
      // Who has looked since has seen it.
      return { ...facts, unseen: facts.unseen || !(facts.running || facts.acknowledged) };
  }
}

/**
 * The status to show. The extension counts, else what pi tells its terminal, else the process (design, Rules 1). An
 * error that its user has looked at is over (contract 20).
 */
export function presentStatus(facts: StatusFacts): Status | undefined {
  const status = reported(facts);
  if (status?.state !== "idle" && status?.state !== "error") return status;
  const { state, since, source } = status;
  if (state === "error" && facts.acknowledged) return { state: "idle", since, source };
  return facts.unseen ? { ...status, unseen: true } : status;
}

function reported({ process, extension, screen }: StatusFacts): Status | undefined {
  return extension?.shown?.source === "extension" ? extension.shown : (screen ?? process);
}

/** A run begins unseen by nobody; one that ends while nobody watches is unseen. */
function withRun(facts: StatusFacts, watched: boolean): StatusFacts {
  const state = reported(facts)?.state;
  if (state === "working")
    return facts.running ? facts : { ...facts, running: true, unseen: false, acknowledged: false };
  if ((state === "idle" || state === "error") && facts.running) {
    return { ...facts, running: false, unseen: !watched, acknowledged: false };
  }
  return facts;
}

const SCREEN_STATES = { idle: "idle", done: "idle", working: "working", error: "error", blocked: "waiting" } as const;

/** A report that is repeated, as for a new name, does not restart the clock. */
function fromScreen(before: Status | undefined, { state, message }: ProgramStatus, now: number): Status {
  const shown = SCREEN_STATES[state];
  const since = before?.state === shown ? before.since : now;
  return { state: shown, since, source: "screen", ...(shown === "error" && message ? { error: message } : {}) };
}
