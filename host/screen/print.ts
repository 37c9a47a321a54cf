import type { ScreenBytes } from "./bytes.ts";
import { COLOUR_MODE, lineAt, type BufferInternals, type LineInternals } from "./internals.ts";
import { isCharacter, LinePainter, penAt, widthAt } from "./line.ts";
import { DEFAULT_PEN, marksBlank } from "./sgr.ts";
import type { Window } from "./window.ts";

/**
 * Prints the lines from `first` to the end of the viewport one after the other from the top of a terminal, so that
 * those above the viewport scroll into the terminal's own history. Where the sizes agree, rows that belong to one
 * long line are joined by the terminal's own wrapping. `dirty` says that the terminal's rows may hold something.
 * Expects and leaves the default pen, and wrapping switched on where the sizes agree, off elsewhere.
 */
export function printLines(
  out: ScreenBytes,
  buffer: BufferInternals,
  first: number,
  window: Window,
  dirty: boolean,
): void {
  const painter = new LinePainter(out, window.left);
  const history = buffer.ybase - first;
  const total = history + window.view.rows;
  let joined = false;
  out.ascii("\x1b[H");
  for (let index = 0; index < total; index++) {
    const row = index < history ? first + index : buffer.ybase + window.top + index - history;
    const line = lineAt(buffer, row);
    const occupied = dirty && index < window.view.rows;
    const column: number = line ? printLine(painter, out, line, window, { occupied, joined, first: index === 0 }) : 0;
    if (!line && occupied) out.ascii("\x1b[K");
    if (index + 1 === total) break;
    const next = window.fits && window.view.rows > 1 ? lineAt(buffer, row + 1) : undefined;
    const joins = line && next?.isWrapped;
    joined = joins ? join(out, painter, line, next, column, window.right) : false;
    if (!joins) nextRow(out, painter);
  }
  painter.usePen(DEFAULT_PEN);
}

/**
 * Returns the column of the cursor after the line. Cells are overwritten one by one where the terminal must not forget
 * that the row continues the one before, as it does when the row is erased from its first column.
 */
function printLine(
  painter: LinePainter,
  out: ScreenBytes,
  line: LineInternals,
  { fits, left, right }: Window,
  row: { occupied: boolean; joined: boolean; first: boolean },
): number {
  const erase = row.occupied && (!fits || (row.first && !line.isWrapped));
  if (erase) out.ascii("\x1b[K");
  return painter.paint(line, left, right, row.joined || (row.occupied && !erase));
}

function nextRow(out: ScreenBytes, painter: LinePainter): void {
  // A new row gets the pen's background.
  painter.usePen(DEFAULT_PEN);
  out.ascii("\r\n");
}

/**
 * Moves to the next row by making the terminal wrap, so that it knows the rows as one line. Returns whether the
 * next row's cells may hold something now.
 */
function join(
  out: ScreenBytes,
  painter: LinePainter,
  line: LineInternals,
  next: LineInternals,
  column: number,
  cols: number,
): boolean {
  if (wrapsByItself(line, next, column, cols)) return false;
  painter.usePen(DEFAULT_PEN);
  if (column === cols) {
    out.ascii(" \r");
    return true;
  }
  // The last cell is filled, to wrap from it, and then made empty again.
  out.ascii(`\x1b[${cols}G  \x1b[A\x1b[${cols}G`);
  painter.paint(line, cols - 1, cols, true);
  out.ascii("\x1b[B\r");
  return true;
}

/** Whether printing the next row's first character wraps, and leaves no trace of its pen in either row. */
function wrapsByItself(line: LineInternals, next: LineInternals, column: number, cols: number): boolean {
  const pen = penAt(next, 0);
  if (!isCharacter(next, 0, cols) || widthAt(next, 0) === 0 || pen.bg & COLOUR_MODE) return false;
  if (column === cols) return true;
  // A wide character that does not fit wraps from the last column, and leaves an empty cell of its pen there.
  const leavesEmpty = widthAt(next, 0) === 2 && !marksBlank(pen) && !(penAt(line, column).bg & COLOUR_MODE);
  return column === cols - 1 && leavesEmpty;
}
