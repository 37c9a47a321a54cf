import { textOf } from "./conversation.ts";

export interface Queued {
  text: string;
  as: "steer" | "followUp";
}

const MAX_QUEUED = 64;

/** What was typed during a run and pi has not taken yet. pi does not tell: it is concluded from input and messages. */
export class TypedMessages {
  #queued: Queued[] = [];

  get all(): readonly Queued[] {
    return this.#queued;
  }

  /** True when that changes the queue. */
  typed(text: string, as: Queued["as"] | undefined): boolean {
    if (as === undefined || this.#queued.length >= MAX_QUEUED) return false;
    this.#queued.push({ text: text.slice(0, 1000), as });
    return true;
  }

  /**
   * A message of the user has reached the conversation: the queued one with that text, or, as a template or a skill
   * has become another text, the oldest.
   */
  taken(content: unknown): boolean {
    if (this.#queued.length === 0) return false;
    const text = textOf(content);
    const same = this.#queued.findIndex((queued) => queued.text.trim() === text);
    this.#queued.splice(Math.max(same, 0), 1);
    return true;
  }

  /** At the end of a run pi has taken everything, or given it back to the editor. */
  settled(): boolean {
    const had = this.#queued.length > 0;
    this.#queued = [];
    return had;
  }
}
