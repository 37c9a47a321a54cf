import {
  CELL_WORDS,
  CODE_POINT,
  COLOUR,
  COLOUR_MODE,
  HAS_CONTENT,
  HAS_EXTENDED,
  IS_COMBINED,
  WIDTH_SHIFT,
} from "./internals.ts";
import type { ExtendedInternals, LineInternals } from "./internals.ts";
import type { ScreenBytes } from "./bytes.ts";
import { CLUSTER_WIDTHS } from "./widths.ts";
import { DEFAULT_PEN, marksBlank, penOf, sgr, type Pen } from "./sgr.ts";

/** A cell's first word from here to below the first combining character holds a character of one cell. */
const ONE_CELL = 1 << WIDTH_SHIFT;
const ONE_CELL_END = ONE_CELL | 0xad;

/**
 * Paints cells of the emulator at a terminal's cursor, keeping track of the terminal's pen. Cells that hold nothing
 * stay or become empty rather than turn into spaces, so that the terminal's own copying and reflow still know where
 * a line ends.
 */
export class LinePainter {
  readonly #out: ScreenBytes;
  readonly #left: number;
  #pen: Pen = DEFAULT_PEN;
  /** The raw words that `#pen` was made of last, to know quickly that the next cell has the same. */
  #fg = 0;
  #bg = 0;
  #extended: ExtendedInternals | undefined;

  /** `left` is the emulator's column in the terminal's first. */
  constructor(out: ScreenBytes, left = 0) {
    this.#out = out;
    this.#left = left;
  }

  /** Says that something else has left the terminal with this pen. */
  assumePen(pen: Pen): void {
    this.#pen = pen;
    // No cell has this word: the next one is compared in full.
    this.#fg = -1;
  }

  usePen(pen: Pen): void {
    this.#out.ascii(sgr(this.#pen, pen));
    this.assumePen(pen);
  }

  /**
   * Paints the columns from `start` to `end`, the cursor being at `start`. `dirty` says that the terminal's cells may
   * hold something; otherwise empty cells are passed over. Returns the column that the cursor is at: less than `end`
   * when the line ends in empty cells.
   */
  paint(line: LineInternals, start: number, end: number, dirty: boolean): number {
    let column = start;
    while (column < end) {
      const blanksEnd = endOfBlanks(line, column, end);
      if (blanksEnd === column) column += this.#paintCharacter(line, column, end);
      else if (this.#paintBlanks(line, column, blanksEnd, dirty, blanksEnd === end)) column = blanksEnd;
      else return column;
    }
    return column;
  }

  #paintCharacter(line: LineInternals, column: number, end: number): number {
    const content = line._data[column * CELL_WORDS] as number;
    this.#useCellPen(line, column);
    if (content > ONE_CELL && content < ONE_CELL_END) {
      this.#out.codePoint(content & CODE_POINT);
      return 1;
    }
    const { text, width } = printable(line, column);
    if (width > 0) {
      // Two cells stay two: what would join the cell before gets its place by the cursor.
      if (column > 0 && CLUSTER_WIDTHS.wouldJoin(text)) this.#out.ascii(`\x1b[${column - this.#left + 1}G`);
      this.#out.text(text);
      return width;
    }
    // A combining character with nothing to combine with: its own cell in the emulator, none in a terminal.
    this.#out.ascii(`\x1b[${column - this.#left + 1}G`);
    this.#out.text(text);
    if (column + 1 < end) this.#out.ascii(`\x1b[${column - this.#left + 2}G`);
    return 1;
  }

  /** Paints a run of empty cells alike and moves past it; at the end of a line it may leave the cursor before it. */
  #paintBlanks(line: LineInternals, start: number, end: number, dirty: boolean, last: boolean): boolean {
    const pen = penAt(line, start);
    const count = end - start;
    if (marksBlank(pen)) {
      this.usePen(pen);
      this.#out.ascii(" ".repeat(count));
      return true;
    }
    if (dirty || pen.bg & COLOUR_MODE) {
      this.usePen({ fg: 0, bg: pen.bg & COLOUR, ext: 0 });
      this.#out.ascii(count === 1 ? "\x1b[X" : `\x1b[${count}X`);
    }
    if (last) return false;
    this.#out.ascii(count === 1 ? "\x1b[C" : `\x1b[${count}C`);
    return true;
  }

  #useCellPen(line: LineInternals, column: number): void {
    const fg = line._data[column * CELL_WORDS + 1] as number;
    const bg = line._data[column * CELL_WORDS + 2] as number;
    const extended = bg & HAS_EXTENDED ? line._extendedAttrs[column] : undefined;
    if (fg === this.#fg && bg === this.#bg && extended === this.#extended) return;
    this.usePen(penOf(fg, bg, extended));
    this.#fg = fg;
    this.#bg = bg;
    this.#extended = extended;
  }
}

function endOfBlanks(line: LineInternals, start: number, end: number): number {
  if (isCharacter(line, start, end)) return start;
  const data = line._data;
  const fg = data[start * CELL_WORDS + 1];
  const bg = data[start * CELL_WORDS + 2] as number;
  let column = start + 1;
  if (bg & HAS_EXTENDED) return column;
  while (column < end && data[column * CELL_WORDS + 1] === fg && data[column * CELL_WORDS + 2] === bg) {
    if (isCharacter(line, column, end)) break;
    column++;
  }
  return column;
}

/** Whether a character starts in this cell and fits before `end`; not so for halves of overwritten wide ones. */
export function isCharacter(line: LineInternals, column: number, end: number): boolean {
  const content = line._data[column * CELL_WORDS] as number;
  if (!(content & HAS_CONTENT)) return false;
  if (content >> WIDTH_SHIFT < 2) return true;
  return column + 2 <= end && (line._data[(column + 1) * CELL_WORDS] as number) >> WIDTH_SHIFT === 0;
}

export function penAt(line: LineInternals, column: number): Pen {
  const bg = line._data[column * CELL_WORDS + 2] as number;
  return penOf(line._data[column * CELL_WORDS + 1] as number, bg, line._extendedAttrs[column]);
}

/**
 * The text of a cell that holds a character, and the cells it takes when printed. Some cells hold what no printing
 * brings about, for example half a flag beside a letter at the edge of a screen that does not wrap: of those, as much
 * as fits.
 */
export function printable(line: LineInternals, column: number): { text: string; width: number } {
  const content = line._data[column * CELL_WORDS] as number;
  let text = content & IS_COMBINED ? (line._combined[column] as string) : String.fromCodePoint(content & CODE_POINT);
  let width = CLUSTER_WIDTHS.textWidth(text);
  while (width > Math.max(1, content >> WIDTH_SHIFT)) {
    text = [...text].slice(0, -1).join("") || " ";
    width = CLUSTER_WIDTHS.textWidth(text);
  }
  if (width === 0) text = String.fromCodePoint(text.codePointAt(0) as number);
  return { text, width };
}

/** The first column of the character that covers `column`. */
export function characterStart(line: LineInternals, column: number): number {
  return column > 0 && isCharacter(line, column - 1, column + 1) && widthAt(line, column - 1) === 2
    ? column - 1
    : column;
}

export function widthAt(line: LineInternals, column: number): number {
  return (line._data[column * CELL_WORDS] as number) >> WIDTH_SHIFT;
}
