import { wrap } from "./cells.ts";
import { helpLength } from "./help.ts";
import type { Action } from "../runtime/keybindings.ts";
import { textOf } from "../runtime/line-editor.ts";
import { rowsOf } from "./list.ts";
import { listHeight, wayBack, type Model, type Overlay } from "./model.ts";
import { editorSpans, GREY, literal, span, spansWidth, spread } from "./spans.ts";
import type { Drawing, ScreenLine, Span } from "./spans.ts";

/** More of a notice is not shown; it lies over the list. */
const MOST_LINES = 6;

/** Rows at the end of the screen: one, or as many as a notice needs. Pure. */
export function footerHeight({ notice, size }: Model): number {
  if (notice === undefined) return 1;
  return Math.min(wrap(notice.text, size.cols - 2).length, MOST_LINES, Math.max(1, size.rows - 2));
}

/** What was refused or is going on, else the filter, else what the next key may be, and where the list or the help goes on. */
export function footerLines(model: Model, drawing: Drawing): ScreenLine[] {
  const { notice, overlay } = model;
  if (notice !== undefined) return noticeLines(model, notice, drawing);
  const more = moreSpans(model, drawing);
  const room = { ...drawing, width: drawing.width - spansWidth(more) };
  const left = overlay === undefined ? listFooter(model, room) : hintSpans(HINTS[overlay.kind], room);
  return [{ spans: [...left, ...more] }];
}

function listFooter(model: Model, drawing: Drawing): Span[] {
  const { filter, daemon } = model;
  if (filter !== undefined) return filterSpans(filter, drawing);
  if (daemon === "lost") return spread([literal(" Waiting for the daemon", { colour: "yellow" })], [], drawing);
  return hintSpans(listHint(model, drawing), drawing);
}

/** Whether there are rows above and below those on the screen, of the list or the help. */
function moreSpans(model: Model, { appearance, keys }: Drawing): Span[] {
  const { overlay } = model;
  if (overlay !== undefined && overlay.kind !== "help") return [];
  const [top, length] = overlay === undefined ? [model.top, rowsOf(model).length] : [overlay.top, helpLength(keys)];
  const above = top > 0;
  const below = top + listHeight(model) < length;
  if (!above && !below) return [];
  const [up, down] = appearance.unicode ? ["↑", "↓"] : ["^", "v"];
  return [literal(` ${above ? up : " "}${below ? down : " "}`, GREY)];
}

const HINTS: Readonly<Record<Overlay["kind"], string>> = {
  help: "Esc leaves",
  menu: "Enter does it  Esc leaves",
  confirm: "",
  prompt: "Enter does it  Esc leaves",
  directories: "Tab completes  Esc leaves",
  results: "Enter opens  Esc leaves",
};

function listHint(model: Model, { keys, appearance, width }: Drawing): string {
  const hint = (action: Action, words: string) => {
    const label = keys.label(action, appearance);
    return label === undefined ? [] : [`${label} ${words}`];
  };
  const hints = hint("help", "help");
  const back = wayBack(model);
  if (back !== undefined) hints.push(back.type === "close" ? "Esc closes" : "Esc back");
  if (width >= 28) hints.push(...hint("filter", "filter"), ...hint("new", "new"));
  return hints.join("  ");
}

function hintSpans(hint: string, drawing: Drawing): Span[] {
  return spread([literal(` ${hint}`, GREY)], [], drawing);
}

function noticeLines(model: Model, { kind, text }: NonNullable<Model["notice"]>, drawing: Drawing): ScreenLine[] {
  const style = kind === "error" ? ({ colour: "red" } as const) : {};
  return wrap(text, drawing.width - 2)
    .slice(0, footerHeight(model))
    .map((cells) => ({ spans: spread([literal(" "), { cells, style }], [], drawing) }));
}

function filterSpans({ line, editing }: NonNullable<Model["filter"]>, drawing: Drawing): Span[] {
  if (editing) return spread(editorSpans("/", line, drawing), [], drawing);
  const left = [literal("/", { bold: true }), span(textOf(line))];
  return spread(left, [literal("Esc clears", GREY)], drawing);
}
