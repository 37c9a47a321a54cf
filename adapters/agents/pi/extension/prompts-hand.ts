import type { PromptOutcome } from "../../../../protocol/prompts.ts";

/** The prompt that pi has and that is not in the conversation yet. */
export interface Hand {
  readonly id: string;
  readonly text: string;
  steered: boolean;
  /** pi has begun to prepare the run. */
  begun: boolean;
  /** pi has taken the line from the editor. */
  submitted: boolean;
  /** For how many looks pi has had nothing to do. */
  idle: number;
}

export interface PromptEnd {
  outcome: PromptOutcome;
  reason?: string;
  unsaved?: true;
}

/** What this process has done with prompts: it outlives pi's sessions and the connection. */
export class PromptMemory {
  hand: Hand | undefined;
  /** Those that are being given to pi, or are with it. */
  readonly taken = new Set<string>();
  readonly #ends = new Map<string, PromptEnd>();
  /** What was typed, and is not in the conversation yet. */
  readonly #typed: string[] = [];

  end(id: string): PromptEnd | undefined {
    return this.#ends.get(id);
  }

  ended(id: string, end: PromptEnd): void {
    this.#ends.set(id, end);
    this.taken.delete(id);
    if (this.#ends.size > MAX_ENDS) this.#ends.delete(this.#ends.keys().next().value ?? "");
    if (this.hand?.id === id) this.hand = undefined;
  }

  /** Some that are in the conversation are not known to be in its file. */
  get hasUnsaved(): boolean {
    return [...this.#ends.values()].some(({ unsaved }) => unsaved);
  }

  /** Everything that is in the conversation is in its file. */
  saved(): void {
    for (const end of this.#ends.values()) delete end.unsaved;
  }

  /** pi takes this for input. */
  heard(text: string): void {
    if (text.trim() === this.hand?.text) return;
    this.#typed.push(text.trim());
    if (this.#typed.length > MAX_TYPED) this.#typed.shift();
  }

  /** Whether a message of the user is the prompt that pi has. */
  isHand(message: string): boolean {
    const text = message.trim();
    if (this.hand === undefined || isSame(text, this.hand.text)) return this.hand !== undefined;
    const at = this.#typed.findIndex((typed) => isSame(text, typed));
    if (at >= 0) this.#typed.splice(at, 1);
    // What nobody typed is the prompt after a change by another extension, or a template of it.
    return at < 0;
  }
}

/** pi appends remarks about images. */
function isSame(said: string, given: string): boolean {
  return said === given || said.startsWith(`${given}\n`);
}

const MAX_ENDS = 300;
const MAX_TYPED = 32;
const SLOT = Symbol.for("pisync.prompts");

export function promptMemory(): PromptMemory {
  const slots = globalThis as unknown as Record<symbol, PromptMemory | undefined>;
  return (slots[SLOT] ??= new PromptMemory());
}
