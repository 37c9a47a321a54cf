import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import type { Size } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { AlternateScreenWatch, type CursorAtEnd, prepareScreen, resetTerminal } from "./screen-bytes.ts";

/** What a terminal without a size (a serial line, `script`) is taken for. */
const USUAL_SIZE: Size = { cols: 80, rows: 24 };

/** @throws PisyncError `not-a-terminal` when a view cannot work here. `next` says what to do instead. */
export function requireTerminal(env: NodeJS.ProcessEnv, next: string): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new PisyncError("not-a-terminal", "A view needs a terminal on its standard input and output.", { next });
  }
  if (env.TERM === "dumb") {
    throw new PisyncError("not-a-terminal", "A view cannot draw on a terminal of type dumb.", {
      next: "Set TERM to what your terminal is, or use another one.",
    });
  }
}

/** The size of the terminal on standard output, or the usual one when there is none. */
export function terminalSize(): Size {
  const { columns, rows } = process.stdout;
  return columns > 0 && rows > 0 ? { cols: columns, rows } : USUAL_SIZE;
}

/**
 * The terminal a view runs in: raw while the view has it, and given back as it was on every way out of the
 * process, an uncaught error included. One per process.
 */
export class ViewTerminal {
  readonly #watch = new AlternateScreenWatch();
  #raw = false;
  #prepared = false;
  #pending = 0;
  #whenDrained: (() => void)[] = [];

  constructor() {
    // The exit handler is the guarantee; before an uncaught error is printed the screen has to be readable.
    process.on("exit", this.#giveBack);
    process.on("uncaughtExceptionMonitor", this.#giveBack);
    keepWritesFromBlocking();
    // The terminal went away: the end of standard input, or SIGHUP, ends the view.
    process.stdout.on("error", () => {});
  }

  /** Every byte as typed, every byte as written. */
  enterRaw(): void {
    process.stdin.setRawMode(true);
    // Whoever had the terminal before has paused it when it gave it back.
    process.stdin.resume();
    // Node leaves output processing on, which turns each line feed into two movements and costs throughput.
    // It goes off after setRawMode, so that setRawMode(false) brings it back with everything else.
    spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
    this.#raw = true;
  }

  /** Moves what the terminal shows out of the way, for a session's screen to follow; `text` is written first. */
  prepare(text = ""): void {
    const before = this.#prepared ? this.#reset("below") : "";
    this.#prepared = true;
    this.write(Buffer.from(before + text + prepareScreen(terminalSize().rows)));
  }

  /** Writes in order; `done` is called when the terminal has taken the bytes. */
  write(bytes: Buffer, done?: () => void): void {
    this.#watch.see(bytes);
    this.#pending += 1;
    process.stdout.write(bytes, () => {
      this.#pending -= 1;
      done?.();
      if (this.#pending === 0) for (const resolve of this.#whenDrained.splice(0)) resolve();
    });
  }

  /** Resolves when the terminal has taken everything. */
  async drained(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => this.#whenDrained.push(resolve));
  }

  /** Gives the terminal back, synchronously. Safe to call again. */
  restore(cursor: CursorAtEnd): void {
    if (this.#prepared) {
      this.#prepared = false;
      writeAtOnce(this.#reset(cursor));
    }
    if (!this.#raw) return;
    this.#raw = false;
    try {
      process.stdin.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  }

  close(): void {
    this.restore("below");
    process.off("exit", this.#giveBack);
    process.off("uncaughtExceptionMonitor", this.#giveBack);
    process.stdin.pause();
  }

  readonly #giveBack = (): void => this.restore("below");

  #reset(cursor: CursorAtEnd): string {
    return resetTerminal(terminalSize().rows, cursor, this.#watch.active);
  }
}

/**
 * Node makes writes to a terminal block the whole process until the terminal has taken them; a view whose
 * terminal has stopped must still notice signals and its host. There is no public way to ask for this, so a
 * Node without this handle keeps blocking writes.
 */
function keepWritesFromBlocking(): void {
  const { _handle: handle } = process.stdout as { _handle?: { setBlocking?: (blocking: boolean) => void } };
  handle?.setBlocking?.(false);
}

function writeAtOnce(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // The terminal is gone, or has stopped reading: nothing more can be done for it.
  }
}
