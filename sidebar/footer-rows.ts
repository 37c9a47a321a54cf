import { wrap } from "./cells.ts";
import type { Action } from "../runtime/keybindings.ts";
import { textOf } from "../runtime/line-editor.ts";
import type { Model, Overlay } from "./model.ts";
import { editorSpans, GREY, literal, span, spread, type Drawing, type ScreenLine } from "./spans.ts";

/** More of a notice is not shown; it lies over the list. */
const MOST_LINES = 6;

/** Rows at the end of the screen: one, or as many as a notice needs. Pure. */
export function footerHeight({ notice, size }: Model): number {
  if (notice === undefined) return 1;
  return Math.min(wrap(notice.text, size.cols - 2).length, MOST_LINES, Math.max(1, size.rows - 2));
}

/** What was refused or is going on, else the filter, else what the next key may be. */
export function footerLines(model: Model, drawing: Drawing): ScreenLine[] {
  const { notice, overlay, filter, daemon } = model;
  if (notice !== undefined) return noticeLines(model, notice, drawing);
  if (overlay !== undefined) return [hintLine(HINTS[overlay.kind], drawing)];
  if (filter !== undefined) return [filterLine(filter, drawing)];
  if (daemon === "lost") {
    return [{ spans: spread([literal(" Waiting for the daemon", { colour: "yellow" })], [], drawing) }];
  }
  return [hintLine(listHint(drawing), drawing)];
}

const HINTS: Readonly<Record<Overlay["kind"], string>> = {
  help: "Esc leaves",
  menu: "Enter does it  Esc leaves",
  confirm: "",
  prompt: "Enter does it  Esc leaves",
  directories: "Tab completes  Esc leaves",
  results: "Enter opens  Esc leaves",
};

function listHint({ keys, appearance, width }: Drawing): string {
  const hint = (action: Action, words: string) => {
    const label = keys.label(action, appearance);
    return label === undefined ? [] : [`${label} ${words}`];
  };
  const hints = hint("help", "help");
  if (width >= 28) hints.push(...hint("filter", "filter"), ...hint("new", "new"));
  return hints.join("  ");
}

function hintLine(hint: string, drawing: Drawing): ScreenLine {
  return { spans: spread([literal(` ${hint}`, GREY)], [], drawing) };
}

function noticeLines(model: Model, { kind, text }: NonNullable<Model["notice"]>, drawing: Drawing): ScreenLine[] {
  const style = kind === "error" ? ({ colour: "red" } as const) : {};
  return wrap(text, drawing.width - 2)
    .slice(0, footerHeight(model))
    .map((cells) => ({ spans: spread([literal(" "), { cells, style }], [], drawing) }));
}

function filterLine({ line, editing }: NonNullable<Model["filter"]>, drawing: Drawing): ScreenLine {
  if (editing) return { spans: editorSpans("/", line, drawing) };
  const left = [literal("/", { bold: true }), span(textOf(line))];
  return { spans: spread(left, [literal("Esc clears", GREY)], drawing) };
}
