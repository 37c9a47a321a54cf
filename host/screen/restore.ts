import type { ScreenBytes } from "./bytes.ts";
import { COLOUR, type BufferInternals, type Charset, type LineInternals } from "./internals.ts";
import { characterStart, isCharacter, LinePainter, penAt, widthAt } from "./line.ts";
import { DEFAULT_PEN, hiddenUnderlineColour, penOf, sgr } from "./sgr.ts";
import type { Screen } from "./screen.ts";

/** Everything that would change how painting works: pen, margins, origin and insert mode, charsets. */
export const NEUTRAL = "\x1b[m\x1b[r\x1b[?6l\x1b[4l\x0f\x1b(B";

export function moveTo(column: number, row: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

/**
 * Goes from the painted normal screen to an empty alternate one. What the child will find when it leaves that again
 * is set up before: tab stops, margins and, as entering saves the cursor, the saved cursor.
 */
export function enterAlternate(out: ScreenBytes, screen: Screen, dirty: boolean): void {
  const { normal } = screen.internals.buffers;
  out.ascii(tabStops(normal, screen.size.cols, dirty));
  out.ascii(margins(normal, screen.size.rows));
  useSavedCursor(out, screen, normal);
  out.ascii("\x1b[?1049h" + NEUTRAL);
}

/**
 * Leaves a painted terminal of the screen's size as raw bytes need it: tab stops, saved cursor, margins, charsets, pen,
 * drawing modes and cursor. `tail` comes last but for what must be printed again behind it. Expects what `NEUTRAL`
 * sets, and wrapping switched on.
 */
export function restoreState(out: ScreenBytes, screen: Screen, options: { dirty: boolean; tail: string }): void {
  const { buffers, coreService, _inputHandler } = screen.internals;
  const { decPrivateModes: modes } = coreService;
  const buffer = buffers.active;
  out.ascii(tabStops(buffer, screen.size.cols, options.dirty));
  useSavedCursor(out, screen, buffer);
  out.ascii("\x1b7\x1b[m\x1b(B" + margins(buffer, screen.size.rows) + (modes.origin ? "\x1b[?6h" : ""));
  const last = lastPrinted(screen);
  const painter = new LinePainter(out);
  if (last.pending && !last.joins) printAgain(out, painter, last);
  useCharsets(out, screen, last.pending);
  const { fg, bg, extended } = _inputHandler._curAttrData;
  painter.usePen(penOf(fg, bg, extended));
  out.ascii(hiddenUnderlineColour({ fg, bg, extended }));
  if (coreService.modes.insertMode) out.ascii("\x1b[4h");
  if (!modes.wraparound) out.ascii("\x1b[?7l");
  if (!last.pending) out.ascii(moveTo(buffer.x, last.row));
  out.ascii(options.tail);
  if (!last.joins) return;
  // Only what is printed last can be joined by a combining character, or be repeated.
  if (coreService.modes.insertMode) out.ascii(moveTo(last.column, last.row) + `\x1b[${last.width}P`);
  printAgain(out, painter, last);
}

/** The character before the cursor. */
interface LastPrinted {
  readonly line: LineInternals;
  readonly column: number;
  /** The row for `moveTo`: in origin mode it counts from the top margin. */
  readonly row: number;
  readonly width: number;
  readonly cols: number;
  /** The cursor is behind the last column: the next character wraps. */
  readonly pending: boolean;
  /** It was the last thing in the output: a combining character joins it. */
  readonly joins: boolean;
}

function lastPrinted(screen: Screen): LastPrinted {
  const { buffers, coreService, _inputHandler } = screen.internals;
  const { active: buffer } = buffers;
  const { cols } = screen.size;
  const line = buffer.lines.get(buffer.ybase + buffer.y) as LineInternals;
  const behind = Math.min(buffer.x, cols);
  const column = behind > 0 ? characterStart(line, behind - 1) : 0;
  return {
    line,
    column,
    row: buffer.y - (coreService.decPrivateModes.origin ? buffer.scrollTop : 0),
    width: behind - column,
    cols,
    pending: buffer.x >= cols,
    joins: _inputHandler._parser.precedingJoinState !== 0 && behind > 0 && isCharacter(line, column, cols),
  };
}

function printAgain(out: ScreenBytes, painter: LinePainter, { line, column, row, cols }: LastPrinted): void {
  out.ascii(moveTo(column, row));
  if (isCharacter(line, column, cols)) {
    painter.paint(line, column, column + Math.max(1, widthAt(line, column)), true);
    return;
  }
  // Nothing but a character makes a wrap pending.
  painter.usePen({ ...DEFAULT_PEN, bg: penAt(line, column).bg & COLOUR });
  out.ascii(" ");
}

/** Moves to where the saved cursor is, with its pen and charset: what DECSC, or entering the alternate screen, saves. */
function useSavedCursor(out: ScreenBytes, screen: Screen, buffer: BufferInternals): void {
  const { cols, rows } = screen.size;
  const { row, extended } = screen.savedCursors.of(buffer);
  const { fg, bg } = buffer.savedCurAttrData;
  out.ascii(moveTo(Math.min(buffer.savedX, cols - 1), Math.min(row, rows - 1)));
  out.ascii(sgr(DEFAULT_PEN, penOf(fg, bg, extended)) + hiddenUnderlineColour({ fg, bg, extended }));
  out.ascii(`\x1b(${charsetName(buffer.savedCharset)}`);
}

/** Setting margins moves the cursor. */
function margins(buffer: BufferInternals, rows: number): string {
  if (buffer.scrollTop === 0 && buffer.scrollBottom === rows - 1) return "";
  return `\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`;
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

/** The charset in use may be one that restoring the saved cursor brought, and not the one designated. */
function useCharsets(out: ScreenBytes, screen: Screen, pending: boolean): void {
  const { buffers, _charsetService } = screen.internals;
  const { charset, glevel, _charsets } = _charsetService;
  if (charset !== _charsets[glevel] && charset === buffers.active.savedCharset && !pending) {
    out.ascii(designations(_charsets, glevel) + "\x1b8\x1b[m");
    return;
  }
  const effective = [..._charsets];
  effective[glevel] = charset;
  out.ascii(designations(effective, glevel));
}

function designations(charsets: readonly Charset[], level: number): string {
  const names = ["(", ")", "*", "+"].map((slot, index) => `\x1b${slot}${charsetName(charsets[index])}`);
  return names.join("") + (["\x0f", "\x0e", "\x1bn", "\x1bo"][level] ?? "");
}

/** The final byte that designates a charset; national ones, which UTF-8 terminals do not have, count as ASCII. */
function charsetName(charset: Charset): string {
  if (charset?.["q"] === "\u2500") return "0";
  return charset?.["#"] === "£" && charset["["] === undefined ? "A" : "B";
}
