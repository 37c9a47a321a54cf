import { needsMe, type SessionSummary } from "../protocol/session.ts";
import { age, shortenHome } from "../runtime/short-forms.ts";
import { cellsOf, fit, widthOf, type Cell } from "./cells.ts";
import { textOf, type Line } from "./line-editor.ts";
import { rowsOf, type Row } from "./list.ts";
import { MARKS, markOf, type Appearance, type Style } from "./marks.ts";
import { listHeight, type Model } from "./model.ts";
import { overlayLines } from "./overlay-rows.ts";

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

export interface Drawing {
  readonly appearance: Appearance;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly width: number;
}

/** Half a period of what pulses, in milliseconds. */
export const PULSE_MS = 500;
/** Narrower than this, ages and views make way for titles. */
const WIDTH_FOR_AGE = 26;
const WIDTH_FOR_VIEWS = 34;
const WIDTH_FOR_STATE = 50;
/** A title keeps this much, whatever stands behind it. */
const LEAST_TITLE = 8;

/** The whole screen: a header, the list or what lies over it, a footer. Pure. */
export function screenLines(model: Model, appearance: Appearance, now: number): ScreenLine[] {
  const drawing: Drawing = { appearance, now, width: model.size.cols };
  const height = listHeight(model);
  const body = model.overlay === undefined ? listLines(model, drawing) : overlayLines(model, model.overlay, drawing);
  const blank: ScreenLine = { spans: [] };
  const filled = Array.from({ length: height }, (_, index) => body[index] ?? blank);
  return [headerLine(model, drawing), ...filled, footerLine(model, drawing)].slice(0, model.size.rows);
}

/** Whether the screen changes with time alone twice a second. */
export function pulses(model: Model): boolean {
  return [...model.sessions.values()].some(({ status }) => status?.state === "working");
}

export function span(text: string, style: Style = {}): Span {
  return { cells: cellsOf(text), style };
}

/** A span whose blanks stay, for text of our own. */
export function literal(text: string, style: Style = {}): Span {
  return { cells: [...text].map((character) => ({ text: character, width: 1 as const })), style };
}

/** Text on the left that is cut where it has to be, and text on the right. */
export function spread(left: readonly Span[], right: readonly Span[], { width, appearance }: Drawing): Span[] {
  const wanted = widthOf(right.flatMap(({ cells }) => cells));
  const kept = width - wanted - 1 >= LEAST_TITLE ? right : [];
  const rightWidth = kept.length === 0 ? 0 : wanted;
  const shown = fitSpans(left, width - rightWidth - (rightWidth > 0 ? 1 : 0), appearance);
  const gap = width - rightWidth - widthOf(shown.flatMap(({ cells }) => cells));
  return [...shown, literal(" ".repeat(Math.max(gap, 0))), ...kept];
}

export function fitSpans(spans: readonly Span[], room: number, appearance: Appearance): Span[] {
  const ellipsis = appearance.unicode ? "…" : "~";
  const shown: Span[] = [];
  let left = room;
  for (const { cells, style } of spans) {
    const fitting = fit(cells, left, ellipsis);
    shown.push({ cells: fitting, style });
    left -= widthOf(fitting);
    if (fitting.length < cells.length || left <= 0) break;
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

function headerLine(model: Model, drawing: Drawing): ScreenLine {
  const states = [...model.sessions.values()];
  const working = states.filter(({ status }) => status?.state === "working").length;
  const needing = states.filter(needsMe).length;
  const right: Span[] = [];
  if (model.index?.state === "scanning") {
    right.push(span(`${model.index.scanned}/${model.index.found}`, { colour: "grey" }));
  }
  if (working > 0) right.push(literal(right.length > 0 ? " " : ""), ...count("working", working, drawing));
  if (needing > 0) right.push(literal(right.length > 0 ? " " : ""), ...count("waiting", needing, drawing));
  if (model.mutedAll) right.push(literal(" muted", { colour: "grey" }));
  return { spans: spread([literal(" pisync", { bold: true })], right, drawing) };
}

function count(mark: "working" | "waiting", number: number, { appearance }: Drawing): Span[] {
  const { unicode, ascii, style } = MARKS[mark];
  return [literal(appearance.unicode ? unicode : ascii, style), literal(`${number}`, style)];
}

function footerLine(model: Model, drawing: Drawing): ScreenLine {
  if (model.notice !== undefined) {
    const colour = model.notice.kind === "error" ? ({ colour: "red" } as const) : {};
    return { spans: spread([literal(" "), span(model.notice.text, colour)], [], drawing) };
  }
  if (model.overlay === undefined && model.filter !== undefined) return filterLine(model.filter, drawing);
  if (model.daemon === "lost")
    return { spans: spread([literal(" Waiting for the daemon", { colour: "yellow" })], [], drawing) };
  const hint = drawing.width < 28 ? " ? help" : " ? help  / filter  n new";
  return { spans: spread([literal(hint, { colour: "grey" })], [], drawing) };
}

function filterLine({ line, editing }: NonNullable<Model["filter"]>, drawing: Drawing): ScreenLine {
  if (editing) return { spans: editorSpans("/", line, drawing) };
  return {
    spans: spread(
      [literal("/", { bold: true }), span(textOf(line))],
      [literal("Esc clears", { colour: "grey" })],
      drawing,
    ),
  };
}

function listLines(model: Model, drawing: Drawing): ScreenLine[] {
  const rows = rowsOf(model);
  if (rows.length === 0) return emptyLines(model, drawing);
  return rows.slice(model.top, model.top + listHeight(model)).map((row) => {
    const selected = row.key === model.selected;
    return { spans: rowSpans(row, model, drawing), selected: selected && !model.filter?.editing ? true : selected };
  });
}

function emptyLines(model: Model, drawing: Drawing): ScreenLine[] {
  const text =
    model.daemon === "connecting"
      ? ["Reading sessions"]
      : model.filter !== undefined
        ? ["Nothing matches.", "", "Esc shows all again."]
        : ["No session yet.", "", "n starts pi here."];
  return text.map((line) => ({ spans: spread([literal(" "), span(line, { colour: "grey" })], [], drawing) }));
}

function rowSpans(row: Row, model: Model, drawing: Drawing): Span[] {
  switch (row.kind) {
    case "group":
      return groupSpans(row, model, drawing);
    case "session":
      return sessionSpans(row, model, drawing);
    case "more":
      return spread([literal("   "), span(`${row.hidden} more`, { colour: "grey" })], [], drawing);
  }
}

function groupSpans(row: Extract<Row, { kind: "group" }>, model: Model, drawing: Drawing): Span[] {
  const { unicode } = drawing.appearance;
  const arrow = row.folded ? (unicode ? "▶" : ">") : unicode ? "▼" : "v";
  const right: Span[] = [];
  if (row.folded) {
    if (row.counts.working > 0) right.push(...count("working", row.counts.working, drawing), literal(" "));
    if (row.counts.needing > 0) right.push(...count("waiting", row.counts.needing, drawing), literal(" "));
    right.push(literal(`${row.counts.total}`, { colour: "grey" }));
  }
  const path = shortenHome(row.directory, model.home);
  return spread([literal(`${arrow} `), ...pathSpans(path, drawing, right)], right, drawing);
}

/** A path that is too long loses its beginning: its end tells directories apart. */
function pathSpans(path: string, { width, appearance }: Drawing, right: readonly Span[]): Span[] {
  const room = width - 2 - (right.length > 0 ? widthOf(right.flatMap(({ cells }) => cells)) + 1 : 0);
  const cells = cellsOf(path);
  if (widthOf(cells) <= room) return [{ cells, style: { bold: true } }];
  const end = fit(cells.toReversed(), room, appearance.unicode ? "…" : "~").toReversed();
  return [{ cells: end, style: { bold: true } }];
}

function sessionSpans(row: Extract<Row, { kind: "session" }>, model: Model, drawing: Drawing): Span[] {
  const { session, match } = row;
  const { appearance, now } = drawing;
  const mark = markOf(session);
  const { unicode, ascii, style } = MARKS[mark];
  const dimmed = mark === "working" && Math.floor(now / PULSE_MS) % 2 === 1;
  const gutter = session.id === model.shown ? (appearance.unicode ? "▌" : "|") : " ";
  return spread(
    [
      literal(gutter, { colour: "cyan" }),
      literal(appearance.unicode ? unicode : ascii, dimmed ? { colour: "cyan" } : style),
      literal(" "),
      ...titleSpans(session, match),
    ],
    factSpans(session, drawing),
    drawing,
  );
}

function titleSpans(
  { title, kind, status }: SessionSummary,
  match: Extract<Row, { kind: "session" }>["match"],
): Span[] {
  const style: Style = kind === "resumable" ? { colour: "grey" } : status?.unseen ? { bold: true } : {};
  if (match === undefined || match.length === 0) return [span(title, style)];
  const spans: Span[] = [];
  let at = 0;
  for (const [start, end] of match) {
    spans.push(
      literalPart(title.slice(at, start), style),
      literalPart(title.slice(start, end), { ...style, underline: true, bold: true }),
    );
    at = end;
  }
  return [...spans, literalPart(title.slice(at), style)];
}

/** A part of a title that was cleaned already: its blanks at both ends stay. */
function literalPart(text: string, style: Style): Span {
  const [, before = "", inner = "", after = ""] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
  return { cells: [...literal(before).cells, ...cellsOf(inner), ...literal(after).cells], style };
}

function factSpans(session: SessionSummary, { width, now, appearance }: Drawing): Span[] {
  if (width < WIDTH_FOR_AGE) return [];
  const { kind, status, views } = session;
  const facts: string[] = [];
  if (session.muted) facts.push("muted");
  if (kind === "external") facts.push(appearance.unicode ? "↗" : "ext");
  if (width >= WIDTH_FOR_VIEWS && views > 1) facts.push(appearance.unicode ? `×${views}` : `x${views}`);
  if (width >= WIDTH_FOR_STATE && status !== undefined && status.state !== "idle") facts.push(status.state);
  facts.push(age(now - (kind === "resumable" ? session.updatedAt : (status?.since ?? session.updatedAt))));
  return [literal(facts.join(" "), { colour: "grey" })];
}
