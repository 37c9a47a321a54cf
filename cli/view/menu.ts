import { cellWidth } from "../../runtime/cell-width.ts";
import { lineAfter, lineOf, textOf, type Line } from "../../runtime/line-editor.ts";
import { plainText } from "../../runtime/sanitise.ts";
import type { InputEvent } from "../../runtime/terminal-input.ts";

/** What the menu of a view shows. */
export type MenuState =
  | { readonly kind: "choices"; readonly said?: string }
  | { readonly kind: "rename"; readonly line: Line }
  | { readonly kind: "kill" }
  /** Something that takes its time is being done. */
  | { readonly kind: "busy"; readonly what: string };

/** What is to be done for the one who chose. */
export type MenuCommand = { readonly do: "sessions" | "detach" | "back" } | MenuRequest;

/** What the daemon is asked for. */
export type MenuRequest =
  { readonly do: "next" } | { readonly do: "kill" } | { readonly do: "rename"; readonly name: string };

export type MenuStep = { readonly state: MenuState } | { readonly command: MenuCommand };

/** Where tmux has a key for it (docs/tmux.md), the letter is the same; else it is the sidebar's. */
const CHOICES = [
  ["a", "next needing me"],
  ["g", "sessions"],
  ["v", "mirror"],
  ["r", "rename"],
  ["x", "kill"],
  ["d", "detach"],
  ["Esc", "back"],
] as const;

const NO_MIRROR = "A mirror needs a second pane: run pisync in tmux, or pisync attach in another terminal.";

/**
 * What a key or paste does. Pure.
 * @param name what its user named the session: a new name begins with it.
 */
export function menuAfter(state: MenuState, event: InputEvent, name = ""): MenuStep {
  const key = event.type === "key" ? event.name : undefined;
  switch (state.kind) {
    case "choices":
      return chosen(state, name, key);
    case "rename": {
      if (key === "esc" || key === "ctrl-c") return { state: { kind: "choices" } };
      const typed = textOf(state.line).trim();
      if (key === "enter") return { command: typed === "" ? { do: "back" } : { do: "rename", name: typed } };
      return { state: { kind: "rename", line: lineAfter(state.line, event) ?? state.line } };
    }
    case "kill":
      if (key === undefined) return { state };
      return key === "y" || key === "Y" ? { command: { do: "kill" } } : { state: { kind: "choices" } };
    case "busy":
      return { state };
  }
}

function chosen(state: MenuState, name: string, key = ""): MenuStep {
  switch (key) {
    case "a":
      return { command: { do: "next" } };
    case "g":
      return { command: { do: "sessions" } };
    case "v":
    case "V":
      return { state: { kind: "choices", said: NO_MIRROR } };
    case "r":
      return { state: { kind: "rename", line: lineOf(name) } };
    case "x":
      return { state: { kind: "kill" } };
    case "d":
      return { command: { do: "detach" } };
    case "esc":
    case "ctrl-c":
    case "q":
      return { command: { do: "back" } };
    default:
      return { state };
  }
}

const REVERSE = "\u001b[7m";
const UPRIGHT = "\u001b[27m";

/** The menu as lines of exactly `cols` cells (two or more), to be written in reverse video. Pure. */
export function menuLines(state: MenuState, title: string, cols: number): string[] {
  const text = (words: string) => wrapped(plainText(words).split(" "), " ", cols);
  switch (state.kind) {
    case "choices": {
      const said = state.said === undefined ? [] : text(state.said);
      const choices = CHOICES.map(([key, words]) => `${key} ${words}`);
      return [...said, ...wrapped(choices, "  ", cols)];
    }
    case "rename":
      return [editor("Name: ", state.line, cols)];
    case "kill":
      return text(`Kill ${title}? y kills it, any other key does not.`);
    case "busy":
      return text(`${state.what} …`);
  }
}

/** Pieces on as many lines as they need; one that is longer than a line is cut. */
function wrapped(pieces: readonly string[], separator: string, cols: number): string[] {
  const room = Math.max(1, cols - 1);
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = lines.length === 0 ? piece : `${lines.at(-1)}${separator}${piece}`;
    if (lines.length > 0 && cellWidth(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(plainText(piece, { maxCells: room }));
  }
  return lines.map((line) => ` ${line}${" ".repeat(Math.max(0, cols - 1 - cellWidth(line)))}`);
}

/** An editable line with its cursor, scrolled so that the cursor is seen. */
function editor(label: string, { graphemes, cursor }: Line, cols: number): string {
  const cells = graphemes.map((grapheme) => plainText(grapheme) || " ");
  const room = Math.max(1, cols - label.length - 2);
  let start = 0;
  while (cellWidth(cells.slice(start, cursor).join("")) > room - 1) start += 1;
  const before = cells.slice(start, cursor).join("");
  const at = cells[cursor] ?? " ";
  const after = plainText(cells.slice(cursor + 1).join(""), {
    maxCells: Math.max(0, room - cellWidth(before) - cellWidth(at)),
  });
  const blank = " ".repeat(Math.max(0, room - cellWidth(before + at + after)));
  return ` ${label}${before}${UPRIGHT}${at}${REVERSE}${after}${blank} `;
}
