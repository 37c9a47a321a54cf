import type { AgentToHost } from "../../../../protocol/agent-channel.ts";

type Settled = Extract<AgentToHost, { type: "run-settled" }>;

/** The parts of pi's assistant message that say how an iteration ended. */
export interface AssistantEnd {
  stopReason?: string;
  errorMessage?: string;
}

/** Without agent_settled, how long after agent_end nothing must happen for the run to be over. */
const QUIET_MS = 500;
/** The same after an error, which pi may be about to retry: its longest default back-off is 8 s. */
const QUIET_AFTER_ERROR_MS = 15_000;
const MAX_ERROR_CHARACTERS = 2_000;

/**
 * Turns pi's events into one start and one end a run: a retry, a tool and a queued message are all inside it.
 * `settles` says whether this pi announces the end itself; when not, silence after agent_end stands for it.
 */
export class RunTracker {
  running = false;
  readonly #settles: boolean;
  readonly #report: (message: AgentToHost) => void;
  #last: AssistantEnd | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(settles: boolean, report: (message: AgentToHost) => void) {
    this.#settles = settles;
    this.#report = report;
  }

  /** The user said something: a run that is only waiting for its silence to pass is over. */
  prompted(): void {
    if (this.#quiet) this.settled(false);
  }

  agentStart(): void {
    this.#stopWaiting();
    if (this.running) return;
    this.running = true;
    this.#last = undefined;
    this.#report({ type: "run-start" });
  }

  assistantEnd(end: AssistantEnd): void {
    this.#last = end;
  }

  agentEnd(): void {
    this.#stopWaiting();
    if (this.#settles || !this.running) return;
    const wait = this.#last?.stopReason === "error" ? QUIET_AFTER_ERROR_MS : QUIET_MS;
    this.#quiet = setTimeout(() => this.settled(false), wait).unref();
  }

  /** `aborted` is what pi itself says, where it does; otherwise the last assistant message tells. */
  settled(aborted: boolean): void {
    this.#stopWaiting();
    if (!this.running) return;
    this.running = false;
    this.#report(settledAs(this.#last, aborted));
  }

  /** The session is being replaced or pi ends. */
  close(): void {
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
  }
}

function settledAs(last: AssistantEnd | undefined, aborted: boolean): Settled {
  const error = last?.stopReason === "error" ? (last.errorMessage ?? "") : undefined;
  // Before 1.5.1 an abort during a tool can end as an error with these words.
  if (
    aborted ||
    last?.stopReason === "aborted" ||
    (error && /operation was aborted|request was aborted/i.test(error))
  ) {
    return { type: "run-settled", outcome: "aborted" };
  }
  if (error === undefined) return { type: "run-settled", outcome: "done" };
  return { type: "run-settled", outcome: "error", error: error.slice(0, MAX_ERROR_CHARACTERS) };
}
