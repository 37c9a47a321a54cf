import { cellWidth } from "../runtime/cell-width.ts";
import { plainText } from "../runtime/sanitise.ts";

/** What stands in one place of a row: a character with its marks, one or two cells wide. */
export interface Cell {
  readonly text: string;
  readonly width: 1 | 2;
}

/** Joiners, variation selectors and skin tones: terminals do not agree on the width of what they stand with. */
const WIDTH_CHANGING = /[\u200d\ufe00-\ufe0f\u{1f3fb}-\u{1f3ff}]/gu;
/** Terminals draw two marks on one character reliably. */
const MAX_MARKS = 2;

/** Outside text as the places it takes in a row; unsafe and invisible characters are gone. */
export function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  let marks = 0;
  for (const character of plainText(text).replace(WIDTH_CHANGING, "")) {
    const width = cellWidth(character);
    if (width > 0) {
      cells.push({ text: character, width: width > 1 ? 2 : 1 });
      marks = 0;
    } else if (cells.length > 0 && marks < MAX_MARKS) {
      const last = cells.pop() as Cell;
      cells.push({ ...last, text: last.text + character });
      marks += 1;
    }
  }
  return cells;
}

export function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}

/** As many cells as fit; the last is an ellipsis when something had to go. */
export function fit(cells: readonly Cell[], room: number, ellipsis: string): Cell[] {
  if (room <= 0) return [];
  if (widthOf(cells) <= room) return [...cells];
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
