import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Work is over when there was none for so long, in milliseconds. */
const QUIET_MS = 8_000;
/** Work that leaves enough behind for a collection to be worth its 20 to 40 ms. */
const MUCH_BYTES = 4 * 1024 * 1024;

/**
 * Keeps the heap of a busy process small: V8 collects when it has grown by half, not when it has multiplied.
 * To be called after the start, because on the command line this costs 25 ms (docs/adr/0070).
 */
export function limitHeapGrowth(): void {
  setFlagsFromString("--heap-growing-percent=50");
}

/**
 * Gives memory back when there is nothing to do. V8 collects garbage when a program allocates, so a process or thread
 * that waits would keep what its start, or a flood, has left behind: 3 to 30 MB each.
 */
export class IdleMemory {
  /** The start counts as much work. */
  #bytes = MUCH_BYTES;
  #timer: NodeJS.Timeout | undefined;
  #collect = collectStart;

  constructor() {
    this.#await();
  }

  /** So much was read, written or received. */
  worked(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= MUCH_BYTES) this.#await();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #await(): void {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#rest(), QUIET_MS).unref();
  }

  #rest(): void {
    this.#timer = undefined;
    this.#bytes = 0;
    this.#collect();
    this.#collect = collectGarbage;
  }
}

/**
 * Collects compiled code as well, much of which has served the start alone. What is needed again is compiled again: 2 ms
 * of the next key.
 */
function collectStart(): void {
  setFlagsFromString("--bytecode-old-age=1");
  collectGarbage();
  // As it was: code goes that six collections have found unused.
  setFlagsFromString("--bytecode-old-age=6");
}

/**
 * Node has no function for it: V8's `gc` is asked for by name, in a context that has it. Only the last resort
 * gives pages back to the system. The option stays on: it is the whole process's, and another thread may be about to ask.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (options: { type: "major"; flavor: "last-resort" }) => void;
  gc({ type: "major", flavor: "last-resort" });
}
