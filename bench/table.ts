import type { Row } from "./figures.ts";

const HEAD = ["figure", "unit", "pisync", "tmux", "dtach", "pi", "pisync / tmux", "target", "verdict", "note"];

/** The rows as a Markdown table, which is also readable as it is. */
export function table(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(HEAD), rule, ...cells.slice(1).map(line)].join("\n");
}

function cellsOf({ figure, unit, pisync, tmux, dtach, pi, target, note }: Row): string[] {
  return [
    figure,
    unit,
    number(pisync),
    number(tmux),
    number(dtach),
    number(pi),
    tmux === undefined ? "" : number(pisync / tmux),
    target?.text ?? "",
    target === undefined ? "" : target.met ? "met" : "MISSED",
    note ?? "",
  ];
}

/** Three significant digits. */
function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
