import { isDeepStrictEqual } from "node:util";
import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { LookedRequest } from "../protocol/host-api.ts";
import type { AgentName } from "../protocol/session.ts";
import { statusAfter } from "../runtime/agent-status.ts";
import type { ProgramStatus } from "./program-status.ts";
import type { SessionState } from "./session-state.ts";
import { factsAfter, factsAtStart, presentStatus, type StatusEvent, type StatusFacts } from "./status.ts";

/** The extension connects again within 5 s of a lost connection; longer than this, it is gone. */
const RECONNECT_MS = 10_000;

/** Keeps the status of a live session true: collects who says what, and shows the one that counts. */
export class LiveStatus {
  readonly #state: SessionState;
  readonly #watched: () => boolean;
  readonly #onLost: () => void;
  #facts: StatusFacts;
  #lostTimer: NodeJS.Timeout | undefined;

  /** `watched` says whether an interactive view is attached; `onLost` is told when the extension stays away. */
  constructor(agent: AgentName, state: SessionState, events: { watched: () => boolean; onLost: () => void }) {
    this.#state = state;
    this.#watched = events.watched;
    this.#onLost = events.onLost;
    this.#facts = factsAtStart(agent, Date.now());
    this.#show();
  }

  /** A run goes on: an end now cuts it off. */
  get running(): boolean {
    return this.#facts.running;
  }

  /** `conversationId` is the conversation that the session held before the message. */
  extensionSaid(message: AgentToHost, conversationId: string | undefined): void {
    clearTimeout(this.#lostTimer);
    const before = this.#facts.extension ?? { shown: undefined };
    const status = statusAfter(before, message, conversationId, Date.now());
    this.#take({ type: "extension", status, watched: this.#watched() });
  }

  extensionLeft(): void {
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(() => {
      this.#take({ type: "extension-lost", watched: this.#watched() });
      this.#onLost();
    }, RECONNECT_MS).unref();
  }

  screenSaid(report: ProgramStatus): void {
    this.#take({ type: "screen", report, watched: this.#watched() });
  }

  degraded(): void {
    this.#take({ type: "degraded" });
  }

  /** Called for every key. */
  viewed(): void {
    if (this.#facts.unseen || !this.#facts.acknowledged) this.#take({ type: "viewed" });
  }

  /** Somebody else knows whether the views are in front of anybody. */
  looked({ since, looked }: LookedRequest): void {
    if (this.#state.status?.since === since) this.#take({ type: looked ? "viewed" : "overlooked" });
  }

  close(): void {
    clearTimeout(this.#lostTimer);
  }

  #take(event: StatusEvent): void {
    this.#facts = factsAfter(this.#facts, event, Date.now());
    this.#show();
  }

  #show(): void {
    const status = presentStatus(this.#facts);
    const same = isDeepStrictEqual(status, this.#state.status);
    this.#state.setStatus(same ? this.#state.status : status, { running: this.running });
  }
}
