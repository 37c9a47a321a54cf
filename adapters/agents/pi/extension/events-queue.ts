const MAX_LINES = 1_000;
const MAX_CHARACTERS = 512 * 1024;

/**
 * Events that wait until the channel takes them. When they are too many, further ones are dropped; a `lost` event that
 * says how many stands in their place.
 */
export class EventQueue {
  readonly #lines: string[] = [];
  #characters = 0;
  #dropped = 0;

  push(line: string): void {
    const full = this.#lines.length >= MAX_LINES || this.#characters + line.length > MAX_CHARACTERS;
    // What was dropped is said before anything that came later.
    if (full && this.#lines.length > 0) {
      this.#dropped += 1;
      return;
    }
    this.#sayDropped();
    this.#add(line);
  }

  /** The next line for the channel; undefined when there is none. */
  shift(): string | undefined {
    if (this.#lines.length === 0) this.#sayDropped();
    const line = this.#lines.shift();
    this.#characters -= line?.length ?? 0;
    return line;
  }

  #sayDropped(): void {
    if (this.#dropped === 0) return;
    const data = { dropped: this.#dropped, reason: "pi was faster than the channel" };
    this.#dropped = 0;
    this.#add(JSON.stringify({ type: "event", event: "lost", at: Date.now(), data }));
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length;
  }
}
