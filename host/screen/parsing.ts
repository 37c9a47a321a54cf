import { isAtGround, type EmulatorInternals } from "./internals.ts";

/**
 * The queue of output before the emulator. Parses in turns of the event loop of at most a few milliseconds, so that
 * forwarding output and taking input never wait longer for it. The emulator's own queue is not used: an error in it
 * would end the process and block all that follows.
 */
export class ParsingQueue {
  /** Told of an error of the emulator; the piece of output it was in is lost to the emulator. */
  onError: (error: unknown) => void = () => {};
  readonly #internals: EmulatorInternals;
  #queue: (Uint8Array | (() => void))[] = [];
  #next = 0;
  #pendingBytes = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(internals: EmulatorInternals) {
    this.#internals = internals;
  }

  /** Bytes that are not parsed yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  push(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) this.#queue.push(bytes.subarray(at, at + PIECE_BYTES));
    this.#schedule();
  }

  /** Calls back between what was pushed before and what is pushed after: at once when nothing is pending. */
  whenParsed(callback: () => void): void {
    if (this.#pendingBytes === 0) {
      callback();
      return;
    }
    this.#queue.push(callback);
    this.#schedule();
  }

  close(): void {
    clearImmediate(this.#scheduled);
    this.#queue = [];
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.#work();
      if (this.#next < this.#queue.length) this.#schedule();
    });
  }

  #work(): void {
    const end = performance.now() + TURN_MS;
    while (this.#next < this.#queue.length) {
      const item = this.#queue[this.#next++];
      if (typeof item === "function") item();
      else if (item) this.#parse(item);
      if (performance.now() >= end) break;
    }
    if (this.#next < this.#queue.length && this.#next < COMPACT_ITEMS) return;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }

  #parse(bytes: Uint8Array): void {
    try {
      this.#internals._inputHandler.parse(bytes);
    } catch (error) {
      if (!isAtGround(this.#internals)) this.#internals._inputHandler.parse(CANCEL);
      this.onError(error);
    } finally {
      this.#pendingBytes -= bytes.length;
    }
  }
}

/** What an error can cost at most, and the step in which a turn ends; large enough to cost nothing. */
const PIECE_BYTES = 16 * 1024;
const TURN_MS = 8;
const COMPACT_ITEMS = 256;
const CANCEL = Buffer.from("\x18");
