const DELTA_WINDOW_MS = 30;
const PARTIAL_WINDOW_MS = 100;

/** One piece of what the model says. */
export interface Delta {
  kind: "text" | "thinking" | "toolcall";
  contentIndex: number;
  delta: string;
}

/** What a running tool has given so far. */
export interface Partial {
  toolCallId: string;
  [fact: string]: unknown;
}

export interface CoalescerEvents {
  /** `deltas` counts the model's own pieces; their texts are joined, none is lost. */
  onDelta(delta: Delta & { deltas: number }): void;
  /** The newest of each tool. */
  onPartial(partial: Partial): void;
}

/**
 * Makes one event of the pieces that arrive within 30 ms, and of the states of a tool within 100 ms. The first piece
 * after a pause does not wait. `flush` before any other event, so that the order stays true.
 */
export class Coalescer {
  readonly #events: CoalescerEvents;
  readonly #partials = new Map<string, Partial>();
  #delta: (Delta & { deltas: number }) | undefined;
  #deltaWindow: NodeJS.Timeout | undefined;
  #partialWindow: NodeJS.Timeout | undefined;

  constructor(events: CoalescerEvents) {
    this.#events = events;
  }

  addDelta(delta: Delta): void {
    const present = this.#delta;
    if (present && (present.kind !== delta.kind || present.contentIndex !== delta.contentIndex)) this.#flushDelta();
    if (this.#delta) {
      this.#delta.delta += delta.delta;
      this.#delta.deltas += 1;
    } else {
      this.#delta = { ...delta, deltas: 1 };
    }
    if (this.#deltaWindow === undefined) this.#openDeltaWindow();
  }

  addPartial(partial: Partial): void {
    this.#partials.set(partial.toolCallId, partial);
    if (this.#partialWindow === undefined) this.#openPartialWindow();
  }

  /** A tool that has ended has a result: what it gave before that is outdated. */
  forget(toolCallId: string): void {
    this.#partials.delete(toolCallId);
  }

  /** Hands out what waits. */
  flush(): void {
    this.#flushDelta();
    this.#flushPartials();
  }

  close(): void {
    this.flush();
    clearTimeout(this.#deltaWindow);
    clearTimeout(this.#partialWindow);
    this.#deltaWindow = this.#partialWindow = undefined;
  }

  #openDeltaWindow(): void {
    this.#flushDelta();
    this.#deltaWindow = setTimeout(() => {
      this.#deltaWindow = undefined;
      if (this.#delta) this.#openDeltaWindow();
    }, DELTA_WINDOW_MS).unref();
  }

  #openPartialWindow(): void {
    this.#flushPartials();
    this.#partialWindow = setTimeout(() => {
      this.#partialWindow = undefined;
      if (this.#partials.size > 0) this.#openPartialWindow();
    }, PARTIAL_WINDOW_MS).unref();
  }

  #flushDelta(): void {
    const delta = this.#delta;
    this.#delta = undefined;
    if (delta) this.#events.onDelta(delta);
  }

  #flushPartials(): void {
    const partials = [...this.#partials.values()];
    this.#partials.clear();
    for (const partial of partials) this.#events.onPartial(partial);
  }
}
