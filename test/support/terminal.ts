import { spawn, type IPty } from "node-pty";
import xterm from "@xterm/headless";
import type { Deadline } from "./wait-for.ts";

export interface TerminalOptions {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  cols?: number;
  rows?: number;
}

export interface TerminalExit {
  exitCode: number;
  signal: number | undefined;
}

/** The newest output bytes that are kept. */
const OUTPUT_LIMIT = 4 * 1024 * 1024;
const DEFAULT_DEADLINE_MS = 20_000;

type Screen = InstanceType<typeof xterm.Terminal>;

/**
 * A real terminal for tests: a program on a real PTY, with an emulator that draws its output and answers its
 * queries. Whatever `screenText` shows, a person at a terminal of that size would see.
 */
export class Terminal implements AsyncDisposable {
  readonly pid: number;
  /** Settles after the last output has been drawn. */
  readonly exit: Promise<TerminalExit>;
  readonly #pty: IPty;
  readonly #screen: Screen;
  readonly #watchers = new Set<() => void>();
  #output: Buffer[] = [];
  #outputBytes = 0;
  #exited: TerminalExit | undefined;

  /** Starts the program. */
  constructor({ argv, cwd, env, cols = 100, rows = 30 }: TerminalOptions) {
    const [file, ...args] = argv;
    this.#screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 10_000 });
    this.#pty = spawn(file, args, { cwd, env, cols, rows, name: env["TERM"] ?? "xterm-256color", encoding: null });
    this.pid = this.#pty.pid;
    this.#pty.onData((data) => this.#receive(data));
    this.#screen.onData((answer) => this.send(answer));
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#screen.write("", () => {
          this.#exited = { exitCode, signal: signal === 0 ? undefined : signal };
          resolve(this.#exited);
          this.#look();
        });
      });
    });
  }

  /** Types: what a keyboard would send, e.g. "\r" for Enter. */
  send(input: string | Uint8Array): void {
    if (this.#exited === undefined) this.#pty.write(Buffer.from(input as Uint8Array));
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  get size(): { cols: number; rows: number } {
    return { cols: this.#screen.cols, rows: this.#screen.rows };
  }

  /** What is visible now, one line a row, without trailing blanks. */
  screenText(): string {
    const { baseY } = this.#screen.buffer.active;
    return this.#lines(baseY, baseY + this.#screen.rows);
  }

  /** The same with everything above it that has scrolled away. */
  scrollbackText(): string {
    return this.#lines(0, this.#screen.buffer.active.length);
  }

  /** Column and row from 0, within the visible screen. */
  cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.#screen.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** Raw output, the newest 4 MiB of it. */
  output(): Buffer {
    return Buffer.concat(this.#output);
  }

  /**
   * Resolves with the screen's text as soon as it contains the text, matches the pattern or satisfies the
   * predicate; looks after every piece of output.
   * @throws at the deadline or when the program has exited, with the screen.
   */
  async waitForScreen(
    wanted: string | RegExp | ((screen: string) => boolean),
    { deadlineMs = DEFAULT_DEADLINE_MS }: Deadline = {},
  ): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string) => {
      const name = typeof wanted === "function" ? wanted.toString() : String(wanted);
      reject(new Error(`${why} before the screen showed ${name}\n${framed(this.screenText())}`));
    };
    const look = () => {
      const text = this.screenText();
      if (satisfies(text, wanted)) resolve(text);
      else if (this.#exited !== undefined) fail(`the program exited with ${this.#exited.exitCode}`);
    };
    const timer = setTimeout(() => fail(`${deadlineMs} ms passed`), deadlineMs);
    this.#watchers.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(look);
    });
  }

  /** Closes the terminal, as closing its window does: the program gets SIGHUP, and SIGKILL if that is not enough. */
  async close(): Promise<TerminalExit> {
    if (this.#exited === undefined) this.#pty.kill("SIGHUP");
    const timer = setTimeout(() => this.#pty.kill("SIGKILL"), 5_000);
    const exit = await this.exit;
    clearTimeout(timer);
    this.#screen.dispose();
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(data: Buffer): void {
    this.#output.push(data);
    this.#outputBytes += data.length;
    while (this.#outputBytes > OUTPUT_LIMIT) this.#outputBytes -= this.#output.shift()?.length ?? 0;
    this.#screen.write(data, () => this.#look());
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }

  #lines(from: number, to: number): string {
    const buffer = this.#screen.buffer.active;
    const lines: string[] = [];
    for (let y = from; y < to; y++) lines.push(buffer.getLine(y)?.translateToString(true) ?? "");
    return lines.join("\n").trimEnd();
  }
}

function satisfies(text: string, wanted: string | RegExp | ((screen: string) => boolean)): boolean {
  if (typeof wanted === "string") return text.includes(wanted);
  return typeof wanted === "function" ? wanted(text) : wanted.test(text);
}

function framed(screen: string): string {
  return screen
    .split("\n")
    .map((line) => `  | ${line}`)
    .join("\n");
}
