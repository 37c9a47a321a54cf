import { cellWidth, clustersOf } from "../runtime/cell-width.ts";
import { plainText } from "../runtime/sanitise.ts";

/** What stands in one place of a row: a character with its marks, one or two cells wide. */
export interface Cell {
  readonly text: string;
  readonly width: 1 | 2;
}

/** Emoji that came after Unicode 12: where they are not known yet, nothing or anything is drawn. */
const TOO_NEW =
  /^[\u{1f6d6}-\u{1f6d7}\u{1f6dc}-\u{1f6df}\u{1f7f0}\u{1f90c}\u{1f972}\u{1f977}-\u{1f979}\u{1f9cb}-\u{1f9cc}\u{1fa74}-\u{1fa77}\u{1fa7b}-\u{1fa7c}\u{1fa83}-\u{1fa8f}\u{1fa96}-\u{1faff}]/u;
const BOX = "\u25a1";
/** The letters that a flag is made of. */
const REGIONAL_INDICATOR_A = 0x1f1e6;
const FLAG = /^[\u{1f1e6}-\u{1f1ff}]{2}$/u;
/** Drawn on the character before; terminals do two of them reliably. */
const MARK = /^[\p{Mn}\p{Me}]$/u;
const VARIATION_SELECTOR = /[\ufe00-\ufe0f]/g;
const MAX_MARKS = 2;
/** What has a place of its own also in the middle of a cluster, as in Indic scripts; joined emoji have none. */
const LETTER = /^[\p{L}\p{Mc}]$/u;

/**
 * Outside text as the places it takes in a row, in a form of which every terminal has the same idea: unsafe and
 * invisible characters are gone, an emoji is its first one, a flag its two letters.
 */
export function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  const plain = plainText(text).normalize("NFC").replace(VARIATION_SELECTOR, "");
  for (const cluster of clustersOf(plain)) cells.push(...cellsOfCluster(cluster));
  return cells;
}

function cellsOfCluster(cluster: string): Cell[] {
  if (FLAG.test(cluster)) return Array.from(cluster, (letter) => ({ text: letterOfFlag(letter), width: 1 as const }));
  const [first = "", ...rest] = cluster;
  if (TOO_NEW.test(first)) return [{ text: BOX, width: 1 }];
  const cells = cellOf(first);
  let marks = 0;
  for (const character of rest) {
    const last = cells.at(-1);
    if (last !== undefined && MARK.test(character)) {
      if (++marks <= MAX_MARKS) cells[cells.length - 1] = { ...last, text: last.text + character };
    } else if (LETTER.test(character)) {
      cells.push(...cellOf(character));
      marks = 0;
    }
  }
  return cells;
}

function cellOf(character: string): Cell[] {
  const width = cellWidth(character);
  return width === 0 ? [] : [{ text: character, width: width > 1 ? 2 : 1 }];
}

function letterOfFlag(indicator: string): string {
  return String.fromCharCode(0x41 + (indicator.codePointAt(0) as number) - REGIONAL_INDICATOR_A);
}

export function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}

/** As many cells as there is room for; the last is an ellipsis when something had to go. */
export function fit(cells: readonly Cell[], room: number, ellipsis: string): Cell[] {
  return widthOf(cells) <= room ? [...cells] : cut(cells, room, ellipsis);
}

/** The first cells and an ellipsis behind them, together at most `room`. */
export function cut(cells: readonly Cell[], room: number, ellipsis: string): Cell[] {
  if (room <= 0) return [];
  const kept: Cell[] = [];
  let used = 1;
  for (const cell of cells) {
    if (used + cell.width > room) break;
    kept.push(cell);
    used += cell.width;
  }
  while (kept.at(-1)?.text === " ") kept.pop();
  return [...kept, { text: ellipsis, width: 1 }];
}

/** Lines of at most `room` cells, broken at blanks, and inside words that are longer than a line. */
export function wrap(text: string, room: number): Cell[][] {
  const lines: Cell[][] = [[]];
  for (const word of text.split(/\s+/).map(cellsOf)) {
    const line = lines.at(-1) as Cell[];
    if (line.length > 0 && widthOf(line) + 1 + widthOf(word) <= room) {
      line.push({ text: " ", width: 1 }, ...word);
      continue;
    }
    if (line.length > 0) lines.push([]);
    for (const cell of word) {
      if (widthOf(lines.at(-1) as Cell[]) + cell.width > room) lines.push([]);
      lines.at(-1)?.push(cell);
    }
  }
  return lines;
}
