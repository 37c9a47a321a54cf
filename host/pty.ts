import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import type { Size } from "../protocol/session.ts";

/** How the child ended. One that a signal killed has that `signal`, and as a shell says it `exitCode` 128 + signal. */
export interface PtyExit {
  exitCode: number;
  signal?: number;
}

export interface PtySpawn {
  /** Absolute path of the program. */
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  size: Size;
}

export interface PtyEvents {
  onData(chunk: Buffer): void;
  /** Once, after the child has exited and every byte of its output went through `onData`. */
  onExit(exit: PtyExit): void;
  /** The child reads input again after `write` returned false. */
  onDrain(): void;
}

/** The addon's own functions: see docs/adr/0060-pty-without-the-terminal-class.md for why not its Terminal. */
interface PtyAddon {
  fork(
    file: string,
    args: string[],
    env: string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (exitCode: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

/** Input that the child has not read yet, in bytes; above it `write` asks the caller to wait. */
const INPUT_HIGH_WATER = 256 * 1024;
/** A process that outlives the child may hold the terminal open; its output is awaited this long, in ms. */
const SILENCE_AFTER_EXIT_MS = 300;
const LONGEST_WAIT_AFTER_EXIT_MS = 5_000;
const RETRY_MIN_MS = 2;
const RETRY_MAX_MS = 64;

/**
 * A child process on its own pseudo-terminal: the only importer of node-pty.
 *
 * Guarantees: bytes in both directions, unchanged and in order; the child is never blocked by us except
 * between `pause` and `resume`; nothing of its output is lost at its exit; a child that does not read its
 * input costs a timer, not a busy loop.
 */
export class Pty {
  readonly pid: number;
  readonly #fd: number;
  readonly #addon: PtyAddon;
  readonly #events: PtyEvents;
  readonly #output: ReadStream;
  #input: Buffer[] = [];
  #inputBytes = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MIN_MS;
  #exit: PtyExit | undefined;
  #exitedAt = 0;
  #silenceTimer: NodeJS.Timeout | undefined;
  #ended = false;
  #paused = true;

  /**
   * Starts the child; its output waits in the kernel until the first `resume`, so that the emulator can load
   * while the child does. Throws when the addon cannot be loaded or no pseudo-terminal is left.
   */
  constructor(spawn: PtySpawn, events: PtyEvents) {
    this.#events = events;
    const { addon, helperPath } = loadAddon();
    this.#addon = addon;
    const env = Object.entries(spawn.env).map(([name, value]) => `${name}=${value}`);
    const { cols, rows } = spawn.size;
    const child = addon.fork(
      spawn.file,
      spawn.args,
      env,
      spawn.cwd,
      cols,
      rows,
      -1,
      -1,
      true,
      helperPath,
      (code, signal) => this.#childExited(code, signal),
    );
    this.pid = child.pid;
    this.#fd = child.fd;
    this.#output = new ReadStream(child.fd);
    this.#output.on("data", (chunk: Buffer) => this.#receive(chunk)).pause();
    // The master side reports EIO when the last process on the terminal is gone: that is its end of data.
    this.#output.on("error", () => this.#endOfData());
    this.#output.on("close", () => this.#endOfData());
  }

  /**
   * Hands input to the child, in order. Returns false when the child is not reading and the caller should
   * hold further input back until `onDrain`. After the end it does nothing.
   */
  write(bytes: Buffer): boolean {
    if (this.#ended || bytes.length === 0) return true;
    this.#input.push(bytes);
    this.#inputBytes += bytes.length;
    if (!this.#retryTimer) this.#writePending();
    return this.#inputBytes < INPUT_HIGH_WATER;
  }

  /** Stops reading: the kernel then blocks the child. Only for the emulator's lag, never for a slow view. */
  pause(): void {
    if (this.#ended || this.#paused) return;
    this.#paused = true;
    this.#output.pause();
  }

  resume(): void {
    if (this.#ended || !this.#paused) return;
    this.#paused = false;
    this.#output.resume();
    if (this.#exit) this.#awaitSilence();
  }

  /** Tells the child its new size; the caller sends real changes only. */
  resize(size: Size): void {
    if (this.#ended || this.#exit) return;
    try {
      this.#addon.resize(this.#fd, size.cols, size.rows);
    } catch (error) {
      // Between the child's death and the report of it the descriptor refuses: nobody is left to tell.
      if (!isErrno(error, "EBADF", "EIO", "ENOTTY")) throw error;
    }
  }

  /** Signals the child's whole process group. Does nothing once the child has exited. */
  signal(name: NodeJS.Signals): void {
    if (this.#exit) return;
    try {
      process.kill(-this.pid, name);
    } catch (error) {
      if (!isErrno(error, "ESRCH")) throw error;
    }
  }

  #receive(chunk: Buffer): void {
    this.#events.onData(chunk);
    if (this.#exit) this.#awaitSilence();
  }

  #childExited(exitCode: number, signal: number): void {
    this.#exit = signal > 0 ? { exitCode: 128 + signal, signal } : { exitCode };
    this.#exitedAt = Date.now();
    if (this.#ended) this.#report();
    else this.#awaitSilence();
  }

  /** The end of data usually follows the exit at once; only a grandchild on the terminal delays it. */
  #awaitSilence(): void {
    clearTimeout(this.#silenceTimer);
    if (this.#ended) return;
    const left = this.#exitedAt + LONGEST_WAIT_AFTER_EXIT_MS - Date.now();
    this.#silenceTimer = setTimeout(
      () => {
        if (!this.#paused) this.#endOfData();
      },
      Math.max(0, Math.min(SILENCE_AFTER_EXIT_MS, left)),
    );
  }

  #endOfData(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#retryTimer);
    this.#input = [];
    this.#inputBytes = 0;
    this.#output.destroy();
    if (this.#exit) this.#report();
  }

  #report(): void {
    if (this.#exit) this.#events.onExit(this.#exit);
  }

  #writePending(): void {
    this.#retryTimer = undefined;
    const wasHigh = this.#inputBytes >= INPUT_HIGH_WATER;
    for (let next = this.#input[0]; next; next = this.#input[0]) {
      const written = this.#writeSome(next);
      this.#inputBytes -= written;
      if (written === next.length) {
        this.#input.shift();
        this.#retryMs = RETRY_MIN_MS;
        continue;
      }
      if (written > 0) this.#input[0] = next.subarray(written);
      this.#retryMs = written > 0 ? RETRY_MIN_MS : Math.min(this.#retryMs * 2, RETRY_MAX_MS);
      this.#retryTimer = setTimeout(() => this.#writePending(), this.#retryMs);
      break;
    }
    if (wasHigh && this.#inputBytes < INPUT_HIGH_WATER) this.#events.onDrain();
  }

  /** Bytes the kernel took; 0 when the child's input queue is full or gone. */
  #writeSome(bytes: Buffer): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      if (isErrno(error, "EAGAIN")) return 0;
      if (isErrno(error, "EIO", "EBADF")) return bytes.length;
      throw error;
    }
  }
}

/** Loads the addon, once. @throws when there is none for this platform. */
export function loadAddon(): { addon: PtyAddon; helperPath: string } {
  const nodePty = createRequire(createRequire(import.meta.url).resolve("node-pty"));
  const platformPackage = `@lydell/node-pty-${process.platform}-${process.arch}`;
  const addon = nodePty(`${platformPackage}/pty.node`) as PtyAddon;
  const helperPath = process.platform === "darwin" ? nodePty.resolve(`${platformPackage}/spawn-helper`) : "";
  return { addon, helperPath };
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
