import { spawn, type IPty } from "node-pty";
import type { Size } from "../protocol/session.ts";

const ATTRIBUTES_QUERY = Buffer.from("\x1b[c");
const ATTRIBUTES_REPLY = Buffer.from("\x1b[?62;22c");
const DEADLINE_MS = 120_000;
/** A marker may be split over two reads; the end of the last one is kept for that. */
const LONGEST_MARKER = 64;

interface Awaited {
  marker: Buffer;
  seen(at: number): void;
}

/**
 * The terminal a view runs in, at the least cost to the machine: a real PTY that is read as fast as it is
 * written to and drawn nowhere, so that what is measured is the program and not the terminal.
 */
export class ViewingTerminal {
  readonly pid: number;
  /** When the program was started, on the clock of performance.now(). */
  readonly startedAt = performance.now();
  /** All bytes received so far. */
  received = 0;
  /** What was received since the last `record(true)`; empty while not recording. */
  recording: Buffer[] = [];
  onData: ((at: number, bytes: Buffer) => void) | undefined;
  readonly #pty: IPty;
  readonly #exited: Promise<void>;
  readonly #awaited = new Set<Awaited>();
  #end: Buffer = Buffer.alloc(0);
  #recording = false;
  #answered = false;

  constructor(argv: readonly string[], { cwd, env, size }: { cwd: string; env: Record<string, string>; size: Size }) {
    const [file = "", ...args] = argv;
    this.#pty = spawn(file, args, { cwd, env, ...size, name: "xterm-256color", encoding: null });
    this.pid = this.#pty.pid;
    this.#pty.onData((bytes) => this.#receive(bytes));
    this.#exited = new Promise((resolve) => this.#pty.onExit(() => resolve()));
  }

  type(bytes: Buffer): void {
    this.#pty.write(bytes);
  }

  record(on: boolean): void {
    this.#recording = on;
    if (on) this.recording = [];
  }

  /**
   * Resolves with the time at which the text was received, from the next output on.
   * @throws after two minutes.
   */
  whenShown(text: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const awaited = { marker: Buffer.from(text), seen: (at: number) => (clearTimeout(deadline), resolve(at)) };
      const deadline = setTimeout(() => {
        this.#awaited.delete(awaited);
        reject(new Error(`a terminal did not show ${text}; it ends with ${JSON.stringify(this.#end.toString())}`));
      }, DEADLINE_MS);
      this.#awaited.add(awaited);
    });
  }

  /** Ends the program as closing its window does. */
  async close(): Promise<void> {
    this.#pty.kill("SIGHUP");
    const last = setTimeout(() => this.#pty.kill("SIGKILL"), 5_000);
    await this.#exited;
    clearTimeout(last);
  }

  #receive(bytes: Buffer): void {
    const at = performance.now();
    this.received += bytes.length;
    if (this.#recording) this.recording.push(bytes);
    this.onData?.(at, bytes);
    if (this.#awaited.size > 0) this.#look(bytes, at);
    if (!this.#answered && bytes.includes(ATTRIBUTES_QUERY)) {
      this.#answered = true;
      this.type(ATTRIBUTES_REPLY);
    }
    this.#end = Buffer.from(bytes.subarray(-LONGEST_MARKER));
  }

  #look(bytes: Buffer, at: number): void {
    const seam = Buffer.concat([this.#end, bytes.subarray(0, LONGEST_MARKER)]);
    for (const awaited of this.#awaited) {
      if (!bytes.includes(awaited.marker) && !seam.includes(awaited.marker)) continue;
      this.#awaited.delete(awaited);
      awaited.seen(at);
    }
  }
}
