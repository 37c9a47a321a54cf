import { cellsOf, cut, widthOf, type Cell } from "./cells.ts";
import type { Keys } from "../runtime/keybindings.ts";
import type { Line } from "../runtime/line-editor.ts";
import type { Appearance, Style } from "./marks.ts";

/** Text of one style. */
export interface Span {
  readonly cells: readonly Cell[];
  readonly style: Style;
}

/** A line of the screen; what it leaves free is blank. */
export interface ScreenLine {
  readonly spans: readonly Span[];
  /** The whole line, its blanks too, is under the selection. */
  readonly selected?: boolean;
}

/** What lines are drawn with, besides the model. */
export interface Drawing {
  readonly appearance: Appearance;
  readonly keys: Keys;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly width: number;
}

export const GREY: Style = { colour: "grey" };

/** A title keeps this much, whatever stands behind it. */
const LEAST_LEFT = 8;

/** Outside text: without blanks at its ends. */
export function span(text: string, style: Style = {}): Span {
  return { cells: cellsOf(text), style };
}

/** Text of our own, one cell a character, whose blanks stay. */
export function literal(text: string, style: Style = {}): Span {
  return { cells: Array.from(text, (character) => ({ text: character, width: 1 as const })), style };
}

/** A piece out of the middle of outside text: its blanks at both ends count. */
export function piece(text: string, style: Style): Span {
  const blank = (isThere: boolean): readonly Cell[] => (isThere ? literal(" ").cells : []);
  return { cells: [...blank(/^\s/.test(text)), ...cellsOf(text), ...blank(/\S\s+$/.test(text))], style };
}

/** A text whose `ranges` (in UTF-16 code units) stand out. */
export function withMatches(
  text: string,
  ranges: readonly (readonly [number, number])[],
  style: Style,
  from = 0,
): Span[] {
  const spans: Span[] = [];
  let at = from;
  for (const [start, end] of ranges) {
    const found = { ...style, bold: true, underline: true };
    spans.push(piece(text.slice(at, start), style), piece(text.slice(start, end), found));
    at = end;
  }
  return [...spans, piece(text.slice(at), style)];
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { cells }) => sum + widthOf(cells), 0);
}

/** Text on the left that is cut where it has to be, and text on the right, which goes where there is no room for it. */
export function spread(left: readonly Span[], right: readonly Span[], { width, appearance }: Drawing): Span[] {
  const wanted = spansWidth(right);
  const kept = wanted > 0 && width - wanted - 1 >= LEAST_LEFT ? right : [];
  const room = kept.length === 0 ? width : width - wanted - 1;
  const shown = fitSpans(left, room, appearance);
  const gap = width - spansWidth(kept) - spansWidth(shown);
  return [...shown, literal(" ".repeat(Math.max(gap, 0))), ...kept];
}

export function ellipsisFor({ unicode }: Appearance): string {
  return unicode ? "…" : "~";
}

function fitSpans(spans: readonly Span[], room: number, appearance: Appearance): Span[] {
  if (spansWidth(spans) <= room) return [...spans];
  const shown: Span[] = [];
  let left = room - 1;
  for (const { cells, style } of spans) {
    const width = widthOf(cells);
    if (width > left) return [...shown, { cells: cut(cells, left + 1, ellipsisFor(appearance)), style }];
    shown.push({ cells, style });
    left -= width;
  }
  return shown;
}

/** An editable line with its cursor, scrolled so that the cursor is seen. */
export function editorSpans(label: string, line: Line, { width }: Drawing): Span[] {
  const cells = line.graphemes.map((grapheme): Cell => cellsOf(grapheme)[0] ?? { text: " ", width: 1 });
  const room = Math.max(width - label.length - 1, 1);
  let start = 0;
  while (widthOf(cells.slice(start, line.cursor)) > room - 1) start += 1;
  const at = cells[line.cursor] ?? { text: " ", width: 1 as const };
  return [
    literal(label, { bold: true }),
    { cells: cells.slice(start, line.cursor), style: {} },
    { cells: [at], style: { selected: true } },
    { cells: cells.slice(line.cursor + 1), style: {} },
  ];
}

/** The same line for a terminal without Unicode. */
export function inAscii({ spans, ...line }: ScreenLine): ScreenLine {
  return { ...line, spans: spans.map(({ cells, style }) => ({ cells: cells.flatMap(asciiCells), style })) };
}

const UNKNOWN: Cell = { text: "?", width: 1 };

function asciiCells({ text, width }: Cell): Cell[] {
  const letter = text.normalize("NFD").charAt(0);
  return /^[ -~]$/.test(letter) ? [{ text: letter, width: 1 }] : Array.from({ length: width }, () => UNKNOWN);
}
