import type { SearchHit } from "../protocol/search.ts";
import { cellWidth } from "../runtime/cell-width.ts";
import { plainText } from "../runtime/sanitise.ts";
import { factsOf, shownMark, runs } from "./session-facts.ts";
import { shownPath, type LineContext } from "./session-lines.ts";
import { when } from "./when.ts";

/** Who said it. */
const SPEAKERS: Record<SearchHit["where"], string> = {
  title: "title",
  user: "you",
  agent: "pi",
  summary: "summary",
  command: "!",
};

const SNIPPET_INDENT = 4;
const LEAST_EXCERPT = 24;
const ELLIPSIS = "…";

/** One hit: the session with its directory, then who said when what. */
export function hitLines(hit: SearchHit, context: LineContext): string[] {
  const { session } = hit;
  const [mark, style] = shownMark(session, context);
  const where = context.style("quiet", shownPath(session.cwd, context.home));
  const state = runs(session) ? `  ${context.style("quiet", factsOf(session, context.now).join(", "))}` : "";
  const title = plainText(session.title);
  return [
    `${context.style(style, mark)} ${context.style("id", session.id)}  ${title}  ${where}${state}`,
    snippetLine(hit, context),
  ];
}

function snippetLine({ snippet, matches, where, at }: SearchHit, context: LineContext): string {
  const said = `${SPEAKERS[where]}, ${when(at, context.now)}:`;
  const room = context.width - SNIPPET_INDENT - cellWidth(said) - 1;
  return `${" ".repeat(SNIPPET_INDENT)}${context.style("quiet", said)} ${excerpt(snippet, matches, room, context)}`;
}

/** As much of a snippet as there is room for, its first match included, with the matches styled. */
export function excerpt(
  snippet: string,
  matches: SearchHit["matches"],
  maxCells: number,
  { style }: Pick<LineContext, "style">,
): string {
  // The places are those of the text as it came: when that is not safe as it is, they mean nothing.
  if (plainText(snippet) !== snippet) return plainText(snippet, { maxCells });
  const start = cellWidth(snippet) <= maxCells ? 0 : startBefore(snippet, matches[0]?.[0] ?? 0, maxCells / 3);
  const lead = start > 0 ? ELLIPSIS : "";
  const wanted = snippet.slice(start);
  const shown = plainText(wanted, { maxCells: Math.max(LEAST_EXCERPT, maxCells) - lead.length });
  const end = start + (shown === wanted ? shown.length : shown.length - ELLIPSIS.length);
  let text = lead;
  let at = start;
  for (const [from, to] of matches) {
    if (from < at || from >= end) continue;
    const upTo = Math.min(to, end);
    text += snippet.slice(at, from) + style("match", snippet.slice(from, upTo));
    at = upTo;
  }
  return text + snippet.slice(at, end) + shown.slice(end - start);
}

/** The beginning of a word that leaves at most so many cells before the match. */
function startBefore(text: string, match: number, cells: number): number {
  const before = text.slice(0, match);
  for (const { index } of before.matchAll(/(?<!\S)\S/g)) if (cellWidth(before.slice(index)) <= cells) return index;
  return match;
}
