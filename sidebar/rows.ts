import type { SessionSummary } from "../protocol/session.ts";
import { markOf, type MarkName } from "../runtime/session-marks.ts";
import { statusWords } from "../runtime/session-words.ts";
import { age, shortenHome } from "../runtime/short-forms.ts";
import { cellsOf, fit } from "./cells.ts";
import { footerLines } from "./footer-rows.ts";
import { rowsOf, type Row } from "./list.ts";
import { COUNTED, drawnMark, tallyOf, type Appearance, type Style, type Tally } from "./marks.ts";
import type { Keys } from "../runtime/keybindings.ts";
import { listHeight, type Model } from "./model.ts";
import { overlayLines } from "./overlay-rows.ts";
import { ellipsisFor, GREY, inAscii, literal, span, spansWidth, spread, withMatches } from "./spans.ts";
import type { Drawing, ScreenLine, Span } from "./spans.ts";

/** Half a period of what pulses, in milliseconds. */
export const PULSE_MS = 500;
/** Narrower than this, facts make way for titles. */
const WIDTH_FOR_AGE = 26;
const WIDTH_FOR_VIEWS = 34;
const WIDTH_FOR_STATE = 50;

/** How the screen is drawn, whatever is on it. */
export interface Look {
  readonly appearance: Appearance;
  readonly keys: Keys;
}

/** The whole screen: a header, the list or what lies over it, a footer. Pure. */
export function screenLines(model: Model, look: Look, now: number): ScreenLine[] {
  const { cols, rows } = model.size;
  const drawing: Drawing = { ...look, now, width: cols };
  const body = model.overlay === undefined ? listLines(model, drawing) : overlayLines(model, model.overlay, drawing);
  const footer = footerLines(model, drawing);
  const blank: ScreenLine = { spans: [] };
  const above = [headerLine(model, drawing), ...body];
  const filled = Array.from({ length: Math.max(0, rows - footer.length) }, (_, index) => above[index] ?? blank);
  const lines = [...filled, ...footer].slice(0, rows);
  return look.appearance.unicode ? lines : lines.map(inAscii);
}

/** Whether the screen changes with time alone twice a second. */
export function pulses(model: Model): boolean {
  return [...model.sessions.values()].some((session) => markOf(session) === "working");
}

function headerLine(model: Model, drawing: Drawing): ScreenLine {
  const facts: Span[][] = tallySpans(tallyOf(model.sessions.values()), drawing);
  const { index } = model;
  if (index?.state === "scanning") facts.unshift([literal(`${index.scanned}/${index.found}`, GREY)]);
  if (model.mutedAll) facts.push([literal("muted", GREY)]);
  const right = joined(facts);
  const title = " pisync";
  const room = drawing.width - spansWidth(right) > title.length;
  return { spans: spread([literal(room ? title : "", { bold: true })], right, drawing) };
}

function tallySpans(tally: Tally, { appearance }: Drawing): Span[][] {
  return COUNTED.filter((name) => tally[name] > 0).map((name) => [
    markSpan(name, appearance),
    literal(`${tally[name]}`, drawnMark(name, appearance).style),
  ]);
}

function markSpan(name: MarkName, appearance: Appearance): Span {
  const { sign, style } = drawnMark(name, appearance);
  return literal(sign, style);
}

function joined(groups: readonly (readonly Span[])[]): Span[] {
  return groups.flatMap((group, index) => (index === 0 ? group : [literal(" "), ...group]));
}

function listLines(model: Model, drawing: Drawing): ScreenLine[] {
  const rows = rowsOf(model);
  if (rows.length === 0) return emptyLines(model, drawing);
  return rows.slice(model.top, model.top + listHeight(model)).map((row) => ({
    spans: rowSpans(row, model, drawing),
    selected: row.key === model.selected,
  }));
}

function emptyLines(model: Model, drawing: Drawing): ScreenLine[] {
  const text =
    model.filter !== undefined
      ? ["Nothing matches.", "", "Esc shows all again."]
      : model.index === undefined
        ? [model.daemon === "lost" ? "" : "Reading sessions"]
        : ["No session yet.", "", `${drawing.keys.label("new", drawing.appearance) ?? "A click"} starts pi.`];
  return text.map((line) => ({ spans: spread([literal(" "), span(line, GREY)], [], drawing) }));
}

function rowSpans(row: Row, model: Model, drawing: Drawing): Span[] {
  switch (row.kind) {
    case "group":
      return groupSpans(row, model, drawing);
    case "session":
      return sessionSpans(row, model, drawing);
    case "more":
      return spread([literal("   "), span(`${row.hidden} more`, GREY)], [], drawing);
  }
}

function groupSpans(row: Extract<Row, { kind: "group" }>, model: Model, drawing: Drawing): Span[] {
  const { appearance } = drawing;
  const arrow = row.folded ? (appearance.unicode ? "▶" : ">") : appearance.unicode ? "▼" : "v";
  const right = row.folded ? countSpans(row.sessions, drawing) : [];
  const path = shortenHome(row.directory, model.places.home);
  const room = drawing.width - 2 - (right.length > 0 ? spansWidth(right) + 1 : 0);
  return spread([literal(`${arrow} `), pathSpan(path, room, appearance)], right, drawing);
}

/** What a folded directory hides. */
function countSpans(sessions: readonly SessionSummary[], drawing: Drawing): Span[] {
  return joined([...tallySpans(tallyOf(sessions), drawing), [literal(`${sessions.length}`, GREY)]]);
}

/** A path that is too long loses its beginning: its end tells directories apart. */
function pathSpan(path: string, room: number, appearance: Appearance): Span {
  const cells = fit(cellsOf(path).reverse(), room, ellipsisFor(appearance)).reverse();
  return { cells, style: { bold: true } };
}

function sessionSpans(row: Extract<Row, { kind: "session" }>, model: Model, drawing: Drawing): Span[] {
  const { session, match = [] } = row;
  const { appearance, now } = drawing;
  const isShown = session.shownOn?.some((tty) => model.around.has(tty)) ?? false;
  const gutter = isShown ? literal(appearance.unicode ? "▌" : "|", { colour: "cyan" }) : literal(" ");
  const mark = markSpan(markOf(session), appearance);
  const pulsing = markOf(session) === "working" && Math.floor(now / PULSE_MS) % 2 === 1;
  return spread(
    [
      gutter,
      pulsing ? { ...mark, style: { ...mark.style, bold: false } } : mark,
      literal(" "),
      ...withMatches(session.title, match, titleStyle(row)),
    ],
    [literal(factsOf(row, drawing).join(" "), GREY)],
    drawing,
  );
}

function titleStyle({ session: { kind, status } }: Extract<Row, { kind: "session" }>): Style {
  return kind === "resumable" ? GREY : status?.unseen ? { bold: true } : {};
}

function factsOf({ session }: Extract<Row, { kind: "session" }>, { width, now, appearance }: Drawing): string[] {
  if (width < WIDTH_FOR_AGE) return [];
  const { kind, status, views } = session;
  const facts: string[] = [];
  if (session.muted) facts.push("muted");
  if (kind === "external") facts.push(appearance.unicode ? "↗" : "ext");
  if (width >= WIDTH_FOR_VIEWS && views > 1) facts.push(`${appearance.unicode ? "×" : "x"}${views}`);
  const words = statusWords(session);
  if (width >= WIDTH_FOR_STATE && words !== undefined && words !== "idle") facts.push(words);
  facts.push(age(now - (kind === "resumable" ? session.updatedAt : (status?.since ?? session.updatedAt))));
  return facts;
}
