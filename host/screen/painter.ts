import type { Size } from "../../protocol/session.ts";
import { ScreenBytes } from "./bytes.ts";
import { lineAt } from "./internals.ts";
import { LinePainter } from "./line.ts";
import {
  DEFAULT_MODES,
  KITTY_STACK_LIMIT,
  kittyChanges,
  modeChanges,
  titleChange,
  type TerminalModes,
} from "./modes.ts";
import { printLines } from "./print.ts";
import { enterAlternate, moveTo, NEUTRAL, restoreState } from "./restore.ts";
import { DEFAULT_PEN } from "./sgr.ts";
import { windowOn, type Window } from "./window.ts";
import type { Screen, ScreenMark } from "./screen.ts";

interface Repaint {
  /** The first line of the normal buffer to print: what stands above the viewport enters the terminal's history. */
  first: number;
  /** False when the terminal shows the alternate screen and nothing behind it has changed. */
  normalToo: boolean;
  /** The terminal's screen holds something. */
  dirty: boolean;
  /** The terminal's history has to go first. */
  cleared: boolean;
}

/**
 * Paints the screen for one view's terminal. It knows what the terminal shows while it is painted, not while raw bytes
 * go to it: those begin after `snapshot` or `catchUp`, and end at a `ScreenMark`.
 *
 * A view of the screen's size gets a terminal that raw bytes can go on from. A view of another size is painted only:
 * it gets as much of the picture as fits, the child's modes, and in its history what scrolls off.
 */
export class ScreenPainter {
  readonly #screen: Screen;
  #viewSize: Size;
  /** The terminal's modes; undefined while it gets raw bytes and its modes are the screen's. */
  #modes: TerminalModes | undefined;
  /** The rows the terminal shows, as painted; undefined when unknown. */
  #rows: Buffer[] | undefined;
  #cursor = "";

  constructor(screen: Screen, viewSize: Size) {
    this.#screen = screen;
    this.#viewSize = viewSize;
  }

  resize(viewSize: Size): void {
    this.#viewSize = viewSize;
    this.#rows = undefined;
  }

  /** For a terminal just cleared, with the cursor home and default modes: everything, with all scrollback. */
  snapshot(): Buffer {
    return this.#repaint(DEFAULT_MODES, { first: 0, normalToo: true, dirty: false, cleared: false });
  }

  /**
   * For a terminal that showed the screen at `mark` and has had nothing but frames since: prints the lines that have
   * scrolled off meanwhile, so that they enter the terminal's own history, then everything else. Where the child has
   * cleared its scrollback since, that of the terminal is cleared too, as the child's own bytes would have done.
   */
  catchUp(mark: ScreenMark): Buffer {
    const modes = this.#modes ?? mark.modes;
    const missed = this.#screen.scrolledLines - mark.scrolledLines;
    const cleared = mark.historyClears !== this.#screen.historyClears;
    const first = cleared ? 0 : Math.max(0, this.#screen.internals.buffers.normal.ybase - Math.max(0, missed));
    const sameAlternate = !cleared && modes.alternateScreen && mark.screenSwitches === this.#screen.screenSwitches;
    return this.#repaint(modes, { first, normalToo: !sameAlternate, dirty: true, cleared });
  }

  /**
   * Brings the terminal's viewport up to date: only rows that have changed, cropped to the view, and nothing for its
   * history. Empty when nothing has changed. `mark` is where raw bytes ended, for the first frame after them.
   */
  frame(mark?: ScreenMark): Buffer {
    const from = this.#modes ?? mark?.modes ?? this.#screen.modes;
    const to = this.#screen.modes;
    const out = new ScreenBytes();
    if (this.#modes === undefined) out.ascii(ABORT + NEUTRAL);
    this.#changeModes(out, from, to);
    this.#paintChangedRows(out, from.alternateScreen !== to.alternateScreen);
    const cursor = this.#cursorInView();
    if (out.length === 0 && cursor === this.#cursor) return EMPTY;
    this.#cursor = cursor;
    return Buffer.concat([BEGIN_FRAME, out.take(), Buffer.from(cursor + END_FRAME)]);
  }

  #repaint(from: TerminalModes, what: Repaint): Buffer {
    const { normal, active } = this.#screen.internals.buffers;
    const to = this.#screen.modes;
    const { fits } = this.#windowOn(active);
    const out = new ScreenBytes(REPAINT_BYTES);
    out.ascii(ABORT + BEGIN);
    if (what.normalToo && from.alternateScreen) out.ascii("\x1b[?1049l");
    if (what.cleared) out.ascii("\x1b[H\x1b[2J\x1b[3J");
    out.ascii(NEUTRAL + (fits ? "\x1b[?7h" : "\x1b[?7l"));
    if (what.normalToo) {
      printLines(out, normal, what.first, this.#windowOn(normal), what.dirty);
      out.ascii(kittyChanges(from.kitty.normal, to.kitty.normal));
    }
    if (to.alternateScreen) {
      if (what.normalToo) enterAlternate(out, this.#screen, what.dirty);
      printLines(out, active, active.ybase, this.#windowOn(active), true);
      // What an earlier visit has left on the alternate screen's stack is not known.
      if (what.normalToo) out.ascii(`\x1b[<${KITTY_STACK_LIMIT}u` + kittyChanges([], to.kitty.alternate));
      else out.ascii(kittyChanges(from.kitty.alternate, to.kitty.alternate));
    }
    out.ascii(modeChanges(from, to));
    out.text(titleChange(from, to));
    if (fits) this.#handOver(out, what.dirty);
    else this.#keepPainting(out, to);
    return out.take();
  }

  /** After this, raw bytes go to the terminal. */
  #handOver(out: ScreenBytes, dirty: boolean): void {
    const { isCursorHidden, decPrivateModes } = this.#screen.internals.coreService;
    const tail = (isCursorHidden ? "" : "\x1b[?25h") + (decPrivateModes.synchronizedOutput ? "" : END);
    restoreState(out, this.#screen, { dirty, tail });
    this.#modes = undefined;
    this.#rows = undefined;
  }

  #keepPainting(out: ScreenBytes, modes: TerminalModes): void {
    this.#modes = modes;
    this.#rows = this.#renderRows();
    this.#cursor = this.#cursorInView();
    out.ascii(this.#cursor + END_FRAME);
  }

  /** Also switches the screen. The keyboard stack of the screen that the terminal does not show stays as it was. */
  #changeModes(out: ScreenBytes, from: TerminalModes, to: TerminalModes): void {
    const kitty = { ...from.kitty };
    const useStackOf = (screen: "normal" | "alternate"): void => {
      out.ascii(kittyChanges(from.kitty[screen], to.kitty[screen]));
      kitty[screen] = to.kitty[screen];
    };
    useStackOf(from.alternateScreen ? "alternate" : "normal");
    if (from.alternateScreen !== to.alternateScreen) {
      out.ascii((to.alternateScreen ? "\x1b[?1049h" : "\x1b[?1049l") + NEUTRAL);
      useStackOf(to.alternateScreen ? "alternate" : "normal");
    }
    out.ascii(modeChanges(from, to));
    out.text(titleChange(from, to));
    this.#modes = { ...to, kitty };
  }

  #paintChangedRows(out: ScreenBytes, all: boolean): void {
    const rows = this.#renderRows();
    rows.forEach((row, index) => {
      if (!all && this.#rows?.[index]?.equals(row)) return;
      out.ascii(moveTo(0, index));
      out.bytes(row);
    });
    this.#rows = rows;
  }

  /** Each row of the view as bytes to be written at its first column with the default pen, which they leave. */
  #renderRows(): Buffer[] {
    const buffer = this.#screen.internals.buffers.active;
    const { left, right, top } = this.#windowOn(buffer);
    const { cols, rows } = this.#viewSize;
    const out = new ScreenBytes(rows * 64);
    const painter = new LinePainter(out, left);
    const ends: number[] = [];
    for (let row = 0; row < rows; row++) {
      const line = lineAt(buffer, buffer.ybase + top + row);
      if (right - left < cols || !line) out.ascii("\x1b[K");
      if (line) painter.paint(line, left, right, true);
      painter.usePen(DEFAULT_PEN);
      ends.push(out.length);
    }
    const bytes = out.take();
    return ends.map((end, row) => bytes.subarray(row === 0 ? 0 : ends[row - 1], end));
  }

  #windowOn(buffer: Parameters<typeof windowOn>[0]): Window {
    return windowOn(buffer, this.#screen.size, this.#viewSize);
  }

  #cursorInView(): string {
    const { coreService, buffers } = this.#screen.internals;
    const { left, top } = this.#windowOn(buffers.active);
    return moveTo(buffers.active.x - left, buffers.active.y - top) + (coreService.isCursorHidden ? "" : "\x1b[?25h");
  }
}

const EMPTY = Buffer.alloc(0);
/** What a repaint with a usual amount of scrollback takes. */
const REPAINT_BYTES = 64 * 1024;
/** Ends a sequence that the terminal may have got only half of. */
const ABORT = "\x18\x1b\\";
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?2026l";
const BEGIN_FRAME = Buffer.from(BEGIN + "\x1b[?7l");
const END_FRAME = "\x1b[?7h" + END;
