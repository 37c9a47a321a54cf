import type { ExplainedFact, Explanation } from "../protocol/daemon-state.ts";
import { cellWidth } from "../runtime/cell-width.ts";
import { clockTime } from "../runtime/clock-time.ts";
import { plainText } from "../runtime/sanitise.ts";
import { age, shortenHome } from "../runtime/short-forms.ts";
import { shownMark } from "./session-facts.ts";
import { shownPath, type LineContext } from "./session-lines.ts";

const INDENT = 2;
/** As wide as the longest fact, and what separates it from its value. */
const LABEL = "conversation".length + 2;
const LEAST_TEXT = 24;

/** Each fact with its value, and below it who said so, from what, and when. */
export function explanationLines({ session, facts }: Explanation, context: LineContext): string[] {
  const [mark, style] = shownMark(session, context);
  const heading = `${context.style(style, mark)} ${context.style("id", session.id)}  ${plainText(session.title)}`;
  const directory = context.style("directory", shownPath(session.cwd, context.home));
  return [directory, `${" ".repeat(INDENT)}${heading}`, ...facts.flatMap((fact) => ["", ...factLines(fact, context)])];
}

function factLines({ fact, value, source, evidence, at }: ExplainedFact, context: LineContext): string[] {
  const width = Math.max(LEAST_TEXT, context.width - INDENT - LABEL);
  const lines = (text: string) => wrapped(withHome(plainText(text), context.home), width);
  const time = at === undefined ? "" : `, ${clockTime(at, context.now)} (${age(context.now - at)} ago)`;
  const [first = "", ...rest] = lines(value);
  const blank = " ".repeat(INDENT + LABEL);
  return [
    `${" ".repeat(INDENT)}${context.style("id", fact.padEnd(LABEL))}${first}`,
    ...rest.map((line) => `${blank}${line}`),
    ...lines(`${source}${time}: ${evidence}`).map((line) => `${blank}${context.style("quiet", line)}`),
  ];
}

/** Paths in a text as people write them. */
function withHome(text: string, home: string | undefined): string {
  return home
    ? text
        .split(" ")
        .map((word) => shortenHome(word, home))
        .join(" ")
    : text;
}

/** Text in lines of at most so many cells, broken between words; a longer word stays whole. */
export function wrapped(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && cellWidth(longer) > cells) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}
