import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** Numbers set aside at a time: each time costs a small write, and a crash skips what is left of them. */
const RESERVED = 1_000;

const Counted = z.object({
  /** No event has a higher number. */
  upTo: z.number().int().nonnegative(),
  /** The last host ended well: `upTo` is the number of the last event. */
  exact: z.boolean(),
});

/**
 * Numbers the events of a session, over all its hosts, never one twice. What is used is on disk before it is used; so
 * after a crash there is a jump, which `skipped` tells.
 */
export class EventCounter {
  readonly #file: string;
  #last: number;
  #reserved: number;
  /** The first number that was set aside and may not have been used, with the last; undefined after a good end. */
  readonly skipped: { to: number } | undefined;

  /** `directory` exists. A file that cannot be read counts from the present time, which no counting has reached. */
  constructor(directory: string) {
    this.#file = join(directory, "counted.json");
    const { upTo, exact } = read(this.#file);
    this.#last = upTo;
    this.#reserved = upTo;
    this.skipped = exact ? undefined : { to: upTo };
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    if (this.#last >= this.#reserved) {
      this.#reserved = this.#last + RESERVED;
      this.#write({ upTo: this.#reserved, exact: false });
    }
    return ++this.#last;
  }

  /** At a good end: the next host goes on without a jump. */
  close(): void {
    this.#write({ upTo: this.#last, exact: true });
  }

  /** On a full disk the events still have numbers; after a restart they might have them again. */
  #write(counted: z.infer<typeof Counted>): void {
    try {
      writeFileSync(this.#file, JSON.stringify(counted), { mode: 0o600 });
    } catch {
      // Nothing that happens in the session may fail because it cannot be numbered.
    }
  }
}

function read(file: string): z.infer<typeof Counted> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { upTo: 0, exact: true };
  }
  try {
    return Counted.parse(JSON.parse(text));
  } catch {
    return { upTo: Date.now(), exact: false };
  }
}
