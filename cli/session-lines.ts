import type { SessionSummary } from "../protocol/session.ts";
import { cellWidth } from "../runtime/cell-width.ts";
import { plainText } from "../runtime/sanitise.ts";
import { shortenHome } from "../runtime/short-forms.ts";
import { grouped } from "./numbers.ts";
import { factsOf, shownMark, type LineStyle } from "./session-facts.ts";
import type { DirectoryGroup } from "./session-selection.ts";

export interface LineContext {
  /** Milliseconds since the epoch. */
  now: number;
  home: string | undefined;
  /** Cells of the terminal. */
  width: number;
  /** False: marks in ASCII. */
  unicode: boolean;
  /** Colours a piece of the line; the identity when there is to be no colour. */
  style: (style: LineStyle, text: string) => string;
}

/** Before the title: two blanks, the mark, the id, and what separates them. */
const LEAD = 2 + 1 + 1 + 8 + 2;
const GAP = 2;
const LEAST_TITLE = 16;
const LEAST_FACTS = 16;
/** Facts that need more than this do not take it from every title. */
const USUAL_FACTS = 36;

/** Groups of sessions for a person, under their directories, with titles and facts in columns. */
export function groupLines(groups: readonly DirectoryGroup[], context: LineContext): string[] {
  const sessions = rowLines(
    groups.flatMap((group) => group.sessions),
    context,
  );
  let at = 0;
  const lines: string[] = [];
  for (const { directory, sessions: own, more, here } of groups) {
    if (lines.length > 0) lines.push("");
    const about = [here ? " (here)" : "", more > 0 ? `  … ${grouped(more)} more` : ""].join("");
    const quiet = about === "" ? "" : context.style("quiet", about);
    lines.push(context.style("directory", shownPath(directory, context.home)) + quiet);
    lines.push(...sessions.slice(at, (at += own.length)));
  }
  return lines;
}

/** One session: mark, id, title, and what there is to say about it. */
export function sessionLine(session: SessionSummary, context: LineContext): string {
  return rowLines([session], context).join("");
}

/** A path as people write it, safe on a terminal: `~/project` in the home directory. */
export function shownPath(path: string, home: string | undefined): string {
  return plainText(shortenHome(path, home));
}

/** A title is cut where the facts of the whole list would have no room beside it. */
function rowLines(sessions: readonly SessionSummary[], context: LineContext): string[] {
  const facts = sessions.map((session) => factsOf(session, context.now).join(", "));
  const titleRoom = Math.max(LEAST_TITLE, context.width - LEAD - GAP - Math.min(widest(facts), USUAL_FACTS));
  const titles = sessions.map(({ title }) => plainText(title, { maxCells: titleRoom }));
  const column = widest(titles);
  return sessions.map((session, index) => {
    const [mark, style] = shownMark(session, context);
    const title = titles[index] ?? "";
    const gap = " ".repeat(column - cellWidth(title) + GAP);
    const room = Math.max(LEAST_FACTS, context.width - LEAD - column - GAP);
    const shownFacts = styledFacts(plainText(facts[index] ?? "", { maxCells: room }), style, context);
    return `  ${context.style(style, mark)} ${context.style("id", session.id)}  ${title}${gap}${shownFacts}`;
  });
}

/** The state comes first, and has the colour of the mark. */
function styledFacts(facts: string, style: LineStyle, context: LineContext): string {
  const end = facts.indexOf(",");
  if (end < 0) return context.style(style, facts);
  return context.style(style, facts.slice(0, end)) + context.style("quiet", facts.slice(end));
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, cellWidth(text)), 0);
}
