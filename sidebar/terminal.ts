import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join, dirname } from "node:path";
import { PassThrough } from "node:stream";
import blessedModule from "blessed";
import type { Size } from "../protocol/session.ts";
import { InputTokenizer, type InputEvent } from "../runtime/terminal-input.ts";
import type { Appearance, Colour, Style } from "./marks.ts";
import type { ScreenLine } from "./spans.ts";

/**
 * The part of blessed that is used: it compares cells with what the terminal shows and writes the difference.
 * Its input, lists, mouse and suspension are not used, because they lose events (docs/adr/0040).
 */
interface Blessed {
  screen(options: object): BlessedScreen;
  box(options: object): { render: () => void };
  tput: { prototype: { readTerminfo(): unknown; parseTerminfo(data: Buffer, file: string): unknown } };
}

interface BlessedScreen {
  lines: BlessedLine[];
  cols: number;
  rows: number;
  tput: { strings: Record<string, unknown>; brokenACS: boolean };
  program: { cols: number; rows: number; flush(): void };
  render(): void;
  alloc(): void;
  realloc(): void;
  enter(): void;
  leave(): void;
  destroy(): void;
}

type BlessedLine = [attributes: number, character: string][] & { dirty: boolean };

const blessed = blessedModule as Blessed;

/** Buttons, drags, SGR encoding, focus and bracketed paste. */
const MODES_ON = "\u001b[?1000h\u001b[?1002h\u001b[?1006h\u001b[?1004h\u001b[?2004h";
const MODES_OFF = "\u001b[?2004l\u001b[?1004l\u001b[?1006l\u001b[?1002l\u001b[?1000l";
/** Whatever was drawn last: normal screen, cursor, colours, keypad. */
const RESET = `${MODES_OFF}\u001b[m\u001b[?25h\u001b[?1l\u001b>\u001b[?1049l`;

const DEFAULT_COLOUR = 0x1ff;
/** The user's own palette; its grey is the background of some, so that one is fixed. */
const COLOURS: Readonly<Record<Colour, number>> = { red: 1, green: 2, yellow: 3, cyan: 6, grey: 244 };
const BOLD = 1;
const UNDERLINE = 2;
const INVERSE = 8;

export interface SidebarTerminalEvents {
  onInput(event: InputEvent): void;
  onResize(size: Size): void;
  /** The terminal is gone. */
  onGone(): void;
}

/**
 * The terminal the sidebar draws on, from its construction on. It is given back on `close`, and on every other end but
 * SIGKILL.
 */
export class SidebarTerminal {
  readonly #appearance: Appearance;
  readonly #tokenizer = new InputTokenizer((event) => this.#events?.onInput(event));
  readonly #screen: BlessedScreen;
  #events: SidebarTerminalEvents | undefined;
  #lines: readonly ScreenLine[] = [];
  #focused = true;
  #suspended = false;
  #closed = false;

  constructor(appearance: Appearance) {
    this.#appearance = appearance;
    this.#screen = createScreen();
    const canvas = blessed.box({ parent: this.#screen, width: "100%", height: "100%" });
    canvas.render = () => this.#paint();
    process.on("exit", this.#restore);
    process.stdout.on("resize", this.#onResize);
    process.stdin.on("error", this.#onGone);
    process.stdin.on("end", this.#onGone);
    process.stdin.on("data", this.#onData);
    this.#takeTerminal();
  }

  /** What happens at the terminal from now on is told to these. */
  listen(events: SidebarTerminalEvents): void {
    this.#events = events;
  }

  get size(): Size {
    return { cols: Math.max(1, process.stdout.columns), rows: Math.max(1, process.stdout.rows) };
  }

  /** Shows these lines; only what differs from the last ones is written. */
  draw(lines: readonly ScreenLine[], focused: boolean): void {
    this.#lines = lines;
    this.#focused = focused;
    if (!this.#suspended && !this.#closed) this.#screen.render();
  }

  /** Gives the terminal to `child` and takes it back when that is done. */
  async suspend<T>(child: () => Promise<T>): Promise<T> {
    this.#suspended = true;
    process.stdout.write(MODES_OFF);
    this.#screen.leave();
    process.stdin.pause();
    process.stdin.setRawMode(false);
    process.stdin.off("data", this.#onData);
    try {
      return await child();
    } finally {
      this.#suspended = false;
      process.stdin.on("data", this.#onData);
      this.#screen.program.cols = process.stdout.columns;
      this.#screen.program.rows = process.stdout.rows;
      this.#screen.enter();
      this.#takeTerminal();
      this.#events?.onResize(this.size);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#tokenizer.close();
    process.stdin.off("data", this.#onData);
    process.stdin.off("end", this.#onGone);
    process.stdout.off("resize", this.#onResize);
    this.#restore();
    process.off("exit", this.#restore);
    process.stdin.pause();
  }

  #takeTerminal(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdout.write(MODES_ON);
  }

  readonly #onData = (bytes: Buffer): void => this.#tokenizer.feed(bytes);

  readonly #onResize = (): void => {
    if (!this.#suspended) this.#events?.onResize(this.size);
  };

  readonly #onGone = (): void => this.#events?.onGone();

  /** Synchronous, because nothing else is written at the exit of a process. */
  readonly #restore = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
      writeSync(1, RESET);
    } catch {
      // The terminal is gone, and with it what had to be restored.
    }
  };

  /** Writes the lines into blessed's cells; it sees itself which of them differ. */
  #paint(): void {
    const { lines, cols } = this.#screen;
    for (const [row, line] of lines.entries()) {
      this.#paintLine(line, this.#lines[row], cols);
      line.dirty = true;
    }
  }

  #paintLine(target: BlessedLine, line: ScreenLine | undefined, cols: number): void {
    const selected = line?.selected ?? false;
    let column = 0;
    for (const { cells, style } of line?.spans ?? []) {
      const attributes = this.#attributes(style, selected);
      for (const { text, width } of cells) {
        if (column + width > cols) break;
        put(target, column, attributes, text);
        if (width === 2) put(target, column + 1, attributes, "\0");
        column += width;
      }
    }
    const blank = this.#attributes({}, selected);
    for (; column < cols; column++) put(target, column, blank, " ");
  }

  #attributes({ colour, bold, underline, selected }: Style, lineSelected: boolean): number {
    const under = selected ?? lineSelected;
    const inverse = under && (this.#focused || selected);
    const flags =
      (bold || (lineSelected && !inverse) ? BOLD : 0) | (underline ? UNDERLINE : 0) | (inverse ? INVERSE : 0);
    // Inverse is of the default colours, so that every background keeps its contrast.
    const index = colour === undefined || inverse ? DEFAULT_COLOUR : COLOURS[colour];
    const foreground = index < this.#appearance.colours ? index : DEFAULT_COLOUR;
    return (flags << 18) | (foreground << 9) | DEFAULT_COLOUR;
  }
}

function put(line: BlessedLine, column: number, attributes: number, character: string): void {
  const cell = line[column];
  if (cell === undefined) return;
  cell[0] = attributes;
  cell[1] = character;
}

/** blessed cannot read the terminfo entries of today, so it is given its own of xterm-256color for every terminal. */
function createScreen(): BlessedScreen {
  const directory = dirname(createRequire(import.meta.url).resolve("blessed/package.json"));
  const file = join(directory, "usr", "xterm-256color");
  blessed.tput.prototype.readTerminfo = function (this: Blessed["tput"]["prototype"]) {
    return this.parseTerminfo(readFileSync(file), file);
  };
  const screen = blessed.screen({
    input: silentInput(),
    output: process.stdout,
    terminal: "xterm-256color",
    forceUnicode: true,
    fullUnicode: false,
    smartCSR: false,
    warnings: false,
  });
  // Without it, cells that are skipped are skipped by an absolute position, which heals a wrong width.
  screen.tput.strings.parm_right_cursor = null;
  screen.tput.brokenACS = true;
  return screen;
}

/** What blessed listens to instead of the terminal. */
function silentInput(): PassThrough {
  const input = new PassThrough();
  return Object.assign(input, { isTTY: true, isRaw: true, setRawMode: () => input });
}
