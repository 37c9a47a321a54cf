import { cellWidth } from "../../runtime/cell-width.ts";
import { plainText } from "../../runtime/sanitise.ts";

/** Two screens beside each other in a frame; rows that are empty in both at the end are left out. */
export function sideBySide(left: string, right: string, width: number): string[] {
  const rows = [left, right].map((screen) => screen.trimEnd().split("\n"));
  const count = Math.max(...rows.map((lines) => lines.length));
  const line = "─".repeat(width);
  const body = Array.from(
    { length: count },
    (_, row) => `│${rows.map((lines) => cell(lines[row] ?? "", width)).join("│")}│`,
  );
  return [`┌${line}┬${line}┐`, ...body, `└${line}┴${line}┘`];
}

/** Blanks keep their places; a row that is too wide is cut. */
function cell(text: string, width: number): string {
  const clean = text.replace(/\S+/g, (word) => plainText(word)).trimEnd();
  const shown = cellWidth(clean) <= width ? clean : plainText(clean, { maxCells: width });
  return shown + " ".repeat(Math.max(0, width - cellWidth(shown)));
}
