import type { IndexState } from "../../protocol/daemon-state.ts";
import { plainText } from "../../runtime/sanitise.ts";

const EVERY_MS = 250;
const MAX_TROUBLES = 32;
const MAX_TROUBLE_LENGTH = 500;

/** What the index thread knows of the index's state. */
export type ThreadState = Omit<IndexState, "conversations">;

/** What others wait for, and what is cheap to say: it is told at once. */
type Phase = Pick<ThreadState, "state"> & { searchable: boolean };

/** Tells the state when it is another one, at most every 250 ms. */
export class StateReporter {
  readonly #phase: () => Phase;
  readonly #look: () => Omit<ThreadState, "since" | "state">;
  readonly #tell: (state: ThreadState) => void;
  #last: { phase: Phase; text: string; since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: {
    phase: () => Phase;
    look: () => Omit<ThreadState, "since" | "state">;
    tell: (state: ThreadState) => void;
  }) {
    this.#phase = parts.phase;
    this.#look = parts.look;
    this.#tell = parts.tell;
  }

  /** Something may be different. */
  changed(): void {
    const last = this.#last?.phase;
    const { state, searchable } = this.#phase();
    if (state !== last?.state || searchable !== last.searchable) this.#report();
    else this.#timer ??= setTimeout(() => this.#report(), EVERY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const phase = this.#phase();
    const look = this.#look();
    const seen = { state: phase.state, ...look, troubles: look.troubles.slice(0, MAX_TROUBLES).map(bounded) };
    const text = JSON.stringify(seen);
    const since = this.#last?.phase.state === phase.state ? this.#last.since : Date.now();
    if (text !== this.#last?.text) this.#tell({ ...seen, since });
    this.#last = { phase, text, since };
  }
}

function bounded(trouble: string): string {
  return plainText(trouble, { maxCells: MAX_TROUBLE_LENGTH }).slice(0, MAX_TROUBLE_LENGTH);
}
