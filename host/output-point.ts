import type { Screen } from "./screen/screen.ts";

/** A point waits this long for the child to finish an escape sequence it has begun, in milliseconds. */
const GROUND_DEADLINE_MS = 100;

/**
 * Finds a point in the output at which the emulator can be painted and live bytes may follow: everything
 * before is parsed, and no sequence or character is cut in two. Collects what is delivered after the point.
 * A third to a half of all chunks end inside a sequence (pty facts, measured); then a later point is taken. A
 * child that leaves one unfinished gets a point in the middle of it, because that is better than none.
 */
export class OutputPoint {
  readonly #screen: Screen;
  readonly #onReached: (collected: Buffer[], bytes: number) => void;
  #collected: Buffer[] = [];
  #collectedBytes = 0;
  #waitsForGround = false;
  #deadline: NodeJS.Timeout | undefined;
  #expired = false;
  #done = false;

  /** `onReached` is called once, at the earliest within `start`, with what was collected after the point. */
  constructor(screen: Screen, onReached: (collected: Buffer[], bytes: number) => void) {
    this.#screen = screen;
    this.#onReached = onReached;
  }

  /** Begins: the point is the present end of the output, or later. */
  start(): void {
    this.#waitsForGround = false;
    this.#collected = [];
    this.#collectedBytes = 0;
    this.#screen.whenParsed(() => {
      if (this.#done) return;
      if (this.#screen.atGround || this.#expired) this.#reach();
      else this.#waitForGround();
    });
  }

  /** Takes output before the emulator does. Returns how much is collected, in bytes. */
  collect(bytes: Buffer): number {
    this.#collected.push(bytes);
    this.#collectedBytes += bytes.length;
    return this.#collectedBytes;
  }

  /** Forgets what is collected: a later point is taken once the emulator has the output so far. */
  postpone(): void {
    this.#waitsForGround = true;
  }

  /** Called after the emulator has taken what was collected. */
  delivered(): void {
    if (this.#waitsForGround) this.start();
  }

  cancel(): void {
    this.#done = true;
    clearTimeout(this.#deadline);
  }

  #waitForGround(): void {
    // Bytes that arrived meanwhile hold a later point already.
    if (this.#collectedBytes > 0) {
      this.start();
      return;
    }
    this.#waitsForGround = true;
    this.#deadline ??= setTimeout(() => {
      this.#expired = true;
      if (this.#waitsForGround) this.#reach();
    }, GROUND_DEADLINE_MS);
  }

  #reach(): void {
    this.cancel();
    this.#onReached(this.#collected, this.#collectedBytes);
  }
}
