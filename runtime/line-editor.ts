import { clustersOf } from "./cell-width.ts";
import type { InputEvent } from "./terminal-input.ts";

/** One line of text being edited, and where the cursor is in it, in graphemes. */
export interface Line {
  readonly graphemes: readonly string[];
  readonly cursor: number;
}

const MAX_GRAPHEMES = 500;

export function lineOf(text: string): Line {
  const graphemes = split(text).slice(0, MAX_GRAPHEMES);
  return { graphemes, cursor: graphemes.length };
}

export function textOf(line: Line): string {
  return line.graphemes.join("");
}

/** Text typed or pasted at the cursor; line breaks and tabs become blanks. */
export function insert(line: Line, text: string): Line {
  const added = split(text.replace(/\s+/g, " ")).slice(0, MAX_GRAPHEMES - line.graphemes.length);
  // What is typed may complete the grapheme before it (an accent, a second half of a flag).
  const before = split([...line.graphemes.slice(0, line.cursor), ...added].join(""));
  return { graphemes: [...before, ...line.graphemes.slice(line.cursor)], cursor: before.length };
}

/** The line after what was typed or pasted, or undefined when that does not edit it. */
export function lineAfter(line: Line, event: InputEvent): Line | undefined {
  if (event.type === "paste") return insert(line, event.text);
  if (event.type !== "key") return undefined;
  return edit(line, event.name) ?? (event.text === undefined ? undefined : insert(line, event.text));
}

/** The line after an editing key, or undefined when the key is none. */
export function edit(line: Line, key: string): Line | undefined {
  const { graphemes, cursor } = line;
  switch (key) {
    case "left":
    case "ctrl-b":
      return moved(line, cursor - 1);
    case "right":
    case "ctrl-f":
      return moved(line, cursor + 1);
    case "home":
    case "ctrl-a":
      return moved(line, 0);
    case "end":
    case "ctrl-e":
      return moved(line, graphemes.length);
    case "alt-b":
    case "ctrl-left":
      return moved(line, wordStart(line));
    case "alt-f":
    case "ctrl-right":
      return moved(line, wordEnd(line));
    case "backspace":
    case "ctrl-h":
      return removed(line, cursor - 1, cursor);
    case "delete":
    case "ctrl-d":
      return removed(line, cursor, cursor + 1);
    case "ctrl-w":
    case "alt-backspace":
      return removed(line, wordStart(line), cursor);
    case "ctrl-u":
      return removed(line, 0, cursor);
    case "ctrl-k":
      return removed(line, cursor, graphemes.length);
    default:
      return undefined;
  }
}

function moved({ graphemes }: Line, to: number): Line {
  return { graphemes, cursor: Math.min(Math.max(to, 0), graphemes.length) };
}

function removed({ graphemes }: Line, from: number, to: number): Line {
  const start = Math.max(from, 0);
  return { graphemes: graphemes.toSpliced(start, Math.max(to - start, 0)), cursor: start };
}

function wordStart({ graphemes, cursor }: Line): number {
  let at = cursor;
  while (at > 0 && graphemes[at - 1] === " ") at -= 1;
  while (at > 0 && graphemes[at - 1] !== " ") at -= 1;
  return at;
}

function wordEnd({ graphemes, cursor }: Line): number {
  let at = cursor;
  while (at < graphemes.length && graphemes[at] === " ") at += 1;
  while (at < graphemes.length && graphemes[at] !== " ") at += 1;
  return at;
}

function split(text: string): string[] {
  return [...clustersOf(text)];
}
