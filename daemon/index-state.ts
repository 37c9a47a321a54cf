import type { IndexState } from "../protocol/daemon-state.ts";
import { plainText } from "../runtime/sanitise.ts";

const EVERY_MS = 250;
const MAX_TROUBLES = 32;
const MAX_TROUBLE_LENGTH = 500;

/** What the index thread knows of the index's state. */
export type ThreadState = Omit<IndexState, "conversations">;

/** Tells the state when it is another one, at most every 250 ms. */
export class StateReporter {
  readonly #look: () => Omit<ThreadState, "since">;
  readonly #tell: (state: ThreadState) => void;
  #last: ThreadState | undefined;
  #lastText = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => Omit<ThreadState, "since">, tell: (state: ThreadState) => void) {
    this.#look = look;
    this.#tell = tell;
  }

  /** Something may be different. What others wait for, the state itself and that all text can be searched, is told at once. */
  changed(): void {
    if (this.#timer === undefined || this.#isNews(this.#look())) this.#report();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #isNews({ state, textPendingBytes }: Omit<ThreadState, "since">): boolean {
    return state !== this.#last?.state || (textPendingBytes === 0) !== (this.#last.textPendingBytes === 0);
  }

  #report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const look = this.#look();
    const state = { ...look, troubles: look.troubles.slice(0, MAX_TROUBLES).map(bounded) };
    const text = JSON.stringify(state);
    if (text === this.#lastText) return;
    const since = this.#last?.state === state.state ? this.#last.since : Date.now();
    this.#lastText = text;
    this.#last = { ...state, since };
    this.#tell(this.#last);
    this.#timer = setTimeout(() => this.#report(), EVERY_MS);
  }
}

function bounded(trouble: string): string {
  return plainText(trouble, { maxCells: MAX_TROUBLE_LENGTH }).slice(0, MAX_TROUBLE_LENGTH);
}
