import type { Size } from "../protocol/session.ts";
import { ScreenBytes } from "./screen-bytes.ts";
import { COLOUR, COLOUR_MODE, type BufferInternals, type Charset, type LineInternals } from "./screen-internals.ts";
import { characterStart, isCharacter, LinePainter, penAt, widthAt } from "./screen-line.ts";
import {
  DEFAULT_MODES,
  KITTY_STACK_LIMIT,
  kittyChanges,
  modeChanges,
  titleChange,
  type TerminalModes,
} from "./screen-modes.ts";
import { DEFAULT_PEN, hiddenUnderlineColour, marksBlank, penOf, sgr } from "./screen-sgr.ts";
import type { Screen, ScreenMark } from "./screen.ts";

/**
 * Paints the screen for one view's terminal. It knows what the terminal shows while it is painted, not while raw bytes
 * go to it: those begin after `snapshot` or `catchUp`, and end at a `ScreenMark`.
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
    return this.#repaint(DEFAULT_MODES, 0, true, false);
  }

  /**
   * For a terminal that showed the screen at `mark` and has had nothing but frames since: prints the lines that have
   * scrolled off meanwhile, so that they enter the terminal's own history, then everything else.
   */
  catchUp(mark: ScreenMark): Buffer {
    const modes = this.#modes ?? mark.modes;
    const missed = this.#screen.scrolledLines - mark.scrolledLines;
    const first = Math.max(0, this.#screen.internals.buffers.normal.ybase - Math.max(0, missed));
    const sameAlternate = modes.alternateScreen && mark.screenSwitches === this.#screen.screenSwitches;
    return this.#repaint(modes, first, !sameAlternate, true);
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
    const switched = from.alternateScreen !== to.alternateScreen;
    this.#paintChangedRows(out, switched);
    const cursor = this.#cursorInView();
    if (out.length === 0 && cursor === this.#cursor) return EMPTY;
    this.#cursor = cursor;
    return Buffer.concat([BEGIN_FRAME, out.take(), Buffer.from(cursor + END_FRAME)]);
  }

  get #fits(): boolean {
    const { cols, rows } = this.#screen.size;
    return cols === this.#viewSize.cols && rows === this.#viewSize.rows;
  }

  #repaint(from: TerminalModes, first: number, normalToo: boolean, dirty: boolean): Buffer {
    const { internals } = this.#screen;
    const { normal, active } = internals.buffers;
    const to = this.#screen.modes;
    const fits = this.#fits;
    const out = new ScreenBytes(64 * 1024);
    out.ascii(ABORT + BEGIN);
    if (normalToo && from.alternateScreen) out.ascii("\x1b[?1049l");
    out.ascii(NEUTRAL + (fits ? "\x1b[?7h" : "\x1b[?7l"));
    if (normalToo) {
      this.#paintScreen(out, normal, first, dirty);
      out.ascii(kittyChanges(from.kitty.normal, to.kitty.normal));
    }
    if (to.alternateScreen) {
      if (normalToo) this.#enterAlternate(out, normal, dirty);
      this.#paintScreen(out, active, active.ybase, true);
      // What an earlier visit has left on the alternate screen's stack is not known.
      if (normalToo) out.ascii(`\x1b[<${KITTY_STACK_LIMIT}u` + kittyChanges([], to.kitty.alternate));
      else out.ascii(kittyChanges(from.kitty.alternate, to.kitty.alternate));
    }
    out.ascii(modeChanges(from, to));
    out.text(titleChange(from, to));
    if (fits) {
      this.#finish(out, active, dirty);
      this.#modes = undefined;
      this.#rows = undefined;
    } else {
      out.ascii("\x1b[?7h");
      this.#modes = to;
      this.#rows = this.#renderRows();
      this.#cursor = this.#cursorInView();
      out.ascii(this.#cursor + END);
    }
    return out.take();
  }

  /** Prints lines from `first` to the end of the viewport from the top of the terminal, scrolling it. */
  #paintScreen(out: ScreenBytes, buffer: BufferInternals, first: number, dirty: boolean): void {
    const { rows, cols } = this.#screen.size;
    const fits = this.#fits;
    const window = this.#window(buffer);
    const painter = new LinePainter(out, window.left);
    const end = Math.min(cols, window.left + this.#viewSize.cols);
    const history = buffer.ybase - first;
    const total = history + this.#viewSize.rows;
    let joined = false;
    out.ascii("\x1b[H");
    for (let index = 0; index < total; index++) {
      const row = index < history ? first + index : buffer.ybase + window.top + index - history;
      const line = row < buffer.ybase + rows ? buffer.lines.get(row) : undefined;
      const dirtyRow = joined || (dirty && index < this.#viewSize.rows);
      if (dirtyRow && !joined && (!fits || (index === 0 && !line?.isWrapped))) out.ascii("\x1b[K");
      const column = line ? painter.paint(line, window.left, end, dirtyRow) : 0;
      joined = false;
      if (index + 1 === total) break;
      const next = fits ? buffer.lines.get(row + 1) : undefined;
      if (line && next?.isWrapped && rows > 1) joined = this.#join(out, painter, line, next, column, cols);
      else {
        painter.usePen(DEFAULT_PEN);
        out.ascii("\r\n");
      }
    }
    painter.usePen(DEFAULT_PEN);
  }

  /**
   * Moves to the next row by making the terminal wrap, so that it knows the rows as one line. Returns whether the
   * next row's cells may hold something now.
   */
  #join(
    out: ScreenBytes,
    painter: LinePainter,
    line: LineInternals,
    next: LineInternals,
    column: number,
    cols: number,
  ): boolean {
    const pen = penAt(next, 0);
    const printable = isCharacter(next, 0, cols) && widthAt(next, 0) > 0 && !(pen.bg & COLOUR_MODE);
    if (column === cols && printable) return false;
    // A wide character that does not fit wraps from the last column, and leaves an empty cell of its pen there.
    const wide = printable && widthAt(next, 0) === 2 && !marksBlank(pen);
    if (column === cols - 1 && wide && !(penAt(line, column).bg & COLOUR_MODE)) return false;
    painter.usePen(DEFAULT_PEN);
    if (column === cols) {
      out.ascii(" \r");
      return true;
    }
    out.ascii(`\x1b[${cols}G  \x1b[A\x1b[${cols}G`);
    painter.paint(line, cols - 1, cols, true);
    out.ascii("\x1b[B\r");
    return true;
  }

  /** From the painted normal screen to an empty alternate one, with the saved cursor that leaving it restores. */
  #enterAlternate(out: ScreenBytes, normal: BufferInternals, dirty: boolean): void {
    const { rows } = this.#screen.size;
    if (this.#fits) {
      out.ascii(tabStops(normal, this.#screen.size.cols, dirty));
      this.#useSavedCursor(out, normal);
      if (normal.scrollTop > 0 || normal.scrollBottom < rows - 1) {
        out.ascii(`\x1b7\x1b[${normal.scrollTop + 1};${normal.scrollBottom + 1}r\x1b8`);
      }
    }
    out.ascii("\x1b[?1049h" + NEUTRAL);
  }

  #useSavedCursor(out: ScreenBytes, buffer: BufferInternals): void {
    const { rows, cols } = this.#screen.size;
    const { row, extended } = this.#screen.savedCursors.of(buffer);
    const { fg, bg } = buffer.savedCurAttrData;
    out.ascii(moveTo(Math.min(buffer.savedX, cols - 1), Math.min(row, rows - 1)));
    out.ascii(sgr(DEFAULT_PEN, penOf(fg, bg, extended)) + hiddenUnderlineColour({ fg, bg, extended }));
    out.ascii(`\x1b(${charsetName(buffer.savedCharset)}`);
  }

  /** Leaves the terminal as raw bytes need it: tab stops, margins, saved cursor, charsets, pen, modes and cursor. */
  #finish(out: ScreenBytes, buffer: BufferInternals, dirty: boolean): void {
    const { internals, size } = this.#screen;
    const { _charsetService: charsets, _inputHandler: input, coreService } = internals;
    const { decPrivateModes } = coreService;
    out.ascii(tabStops(buffer, size.cols, dirty));
    this.#useSavedCursor(out, buffer);
    out.ascii("\x1b7\x1b[m\x1b(B");
    if (buffer.scrollTop > 0 || buffer.scrollBottom < size.rows - 1) {
      out.ascii(`\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`);
    }
    if (decPrivateModes.origin) out.ascii("\x1b[?6h");
    const pending = buffer.x >= size.cols;
    const top = decPrivateModes.origin ? buffer.scrollTop : 0;
    const line = buffer.lines.get(buffer.ybase + buffer.y) as LineInternals;
    const last = buffer.x > 0 ? characterStart(line, Math.min(buffer.x, size.cols) - 1) : 0;
    const joining = input._parser.precedingJoinState !== 0 && buffer.x > 0 && isCharacter(line, last, size.cols);
    const painter = new LinePainter(out);
    if (pending && !joining) {
      out.ascii(moveTo(last, buffer.y - top));
      this.#printLast(out, painter, line, last, size.cols);
    }
    const decoupled = charsets.charset !== charsets._charsets[charsets.glevel];
    if (decoupled && !pending && charsets.charset === buffer.savedCharset) {
      out.ascii(designations(charsets._charsets, charsets.glevel) + "\x1b8\x1b[m");
    } else {
      const effective = [...charsets._charsets];
      effective[charsets.glevel] = charsets.charset;
      out.ascii(designations(effective, charsets.glevel));
    }
    const { fg, bg, extended } = input._curAttrData;
    painter.usePen(penOf(fg, bg, extended));
    out.ascii(hiddenUnderlineColour(input._curAttrData));
    if (coreService.modes.insertMode) out.ascii("\x1b[4h");
    if (!decPrivateModes.wraparound) out.ascii("\x1b[?7l");
    if (!pending) out.ascii(moveTo(buffer.x, buffer.y - top));
    if (!coreService.isCursorHidden) out.ascii("\x1b[?25h");
    if (!decPrivateModes.synchronizedOutput) out.ascii(END);
    if (joining) {
      out.ascii(moveTo(last, buffer.y - top));
      if (coreService.modes.insertMode) out.ascii(`\x1b[${Math.min(buffer.x, size.cols) - last}P`);
      this.#printLast(out, painter, line, last, size.cols);
      painter.usePen(penOf(fg, bg, extended));
    }
  }

  /** Prints the character before the cursor again: what makes a wrap pending, and what a combining one joins. */
  #printLast(out: ScreenBytes, painter: LinePainter, line: LineInternals, column: number, cols: number): void {
    if (isCharacter(line, column, cols)) painter.paint(line, column, column + Math.max(1, widthAt(line, column)), true);
    else {
      painter.usePen({ ...DEFAULT_PEN, bg: penAt(line, column).bg & COLOUR });
      out.ascii(" ");
    }
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
      out.ascii(`\x1b[${index + 1}H`);
      out.bytes(row);
    });
    this.#rows = rows;
  }

  /** Each row of the view as bytes to be written at its first column with the default pen, which they leave. */
  #renderRows(): Buffer[] {
    const { cols, rows } = this.#screen.size;
    const buffer = this.#screen.internals.buffers.active;
    const window = this.#window(buffer);
    const end = Math.min(cols, window.left + this.#viewSize.cols);
    const out = new ScreenBytes(this.#viewSize.rows * 64);
    const painter = new LinePainter(out, window.left);
    const ends: number[] = [];
    for (let row = 0; row < this.#viewSize.rows; row++) {
      const line = window.top + row < rows ? buffer.lines.get(buffer.ybase + window.top + row) : undefined;
      if (end - window.left < this.#viewSize.cols || !line) out.ascii("\x1b[K");
      if (line) painter.paint(line, window.left, end, true);
      painter.usePen(DEFAULT_PEN);
      ends.push(out.length);
    }
    const bytes = out.take();
    return ends.map((rowEnd, row) => bytes.subarray(row === 0 ? 0 : ends[row - 1], rowEnd));
  }

  /** The part of the screen that a smaller view shows: the part with the cursor, as tmux chooses it. */
  #window(buffer: BufferInternals): { left: number; top: number } {
    const { cols, rows } = this.#screen.size;
    return {
      left: windowStart(buffer.x, cols, this.#viewSize.cols),
      top: windowStart(buffer.y, rows, this.#viewSize.rows),
    };
  }

  #cursorInView(): string {
    const { coreService, buffers } = this.#screen.internals;
    const { left, top } = this.#window(buffers.active);
    const visible = coreService.isCursorHidden ? "" : "\x1b[?25h";
    return moveTo(Math.max(0, buffers.active.x - left), Math.max(0, buffers.active.y - top)) + visible;
  }
}

const EMPTY = Buffer.alloc(0);
/** Ends a sequence that the terminal may have got only half of. */
const ABORT = "\x18\x1b\\";
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?2026l";
const BEGIN_FRAME = Buffer.from(BEGIN + "\x1b[?7l");
const END_FRAME = "\x1b[?7h" + END;
/** Everything that would change how painting works: pen, margins, origin and insert mode, charsets. */
const NEUTRAL = "\x1b[m\x1b[r\x1b[?6l\x1b[4l\x0f\x1b(B";

function moveTo(column: number, row: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

function windowStart(cursor: number, size: number, viewSize: number): number {
  if (cursor < viewSize) return 0;
  if (cursor > size - viewSize) return size - viewSize;
  return cursor - Math.floor(viewSize / 2);
}

function tabStops(buffer: BufferInternals, cols: number, dirty: boolean): string {
  let custom = dirty;
  let stops = "";
  for (let column = 0; column < cols; column++) {
    const stop = buffer.tabs[column] === true;
    if (stop !== (column % 8 === 0)) custom = true;
    if (stop) stops += `\x1b[${column + 1}G\x1bH`;
  }
  return custom ? `\x1b[3g${stops}` : "";
}

/** The final byte that designates a charset; national ones, which UTF-8 terminals do not have, count as ASCII. */
function charsetName(charset: Charset): string {
  if (charset?.["q"] === "\u2500") return "0";
  return charset?.["#"] === "£" && charset["["] === undefined ? "A" : "B";
}

function designations(charsets: readonly Charset[], level: number): string {
  const names = ["(", ")", "*", "+"].map((slot, index) => `\x1b${slot}${charsetName(charsets[index])}`);
  return names.join("") + (["\x0f", "\x0e", "\x1bn", "\x1bo"][level] ?? "");
}
