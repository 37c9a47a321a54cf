import { shortenHome } from "../runtime/short-forms.ts";
import { matchingDirectories, pathTyped } from "./directories.ts";
import type { InputEvent } from "../runtime/terminal-input.ts";
import { lineAfter, lineOf, textOf } from "../runtime/line-editor.ts";
import { listHeight, type Model, type Overlay } from "./model.ts";
import { HEADER_ROWS } from "./selection.ts";
import type { Update } from "./update.ts";

type Picker = Extract<Overlay, { kind: "directories" }>;

/** Rows between the header and the first directory: the question, and what is typed. */
const ROWS_ABOVE = 2;

/** What can be chosen now, of which `top` is the first on the screen. */
export function shownDirectories(model: Model, picker: Picker): { directories: string[]; top: number } {
  const known = matchingDirectories(picker.known, textOf(picker.line), model.places.home);
  const directories = [...new Set([...known, ...(picker.completions ?? [])])];
  const room = Math.max(1, listHeight(model) - ROWS_ABOVE);
  return { directories, top: Math.max(0, picker.selected - room + 1) };
}

/** What a key, click or paste does while a directory is chosen for a new pi. Pure. */
export function updateDirectories(model: Model, picker: Picker, event: InputEvent): Update {
  const { directories, top } = shownDirectories(model, picker);
  const chosen = directories[picker.selected];
  if (event.type === "mouse") {
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      return stay(model, moved(picker, event.action === "wheel-up" ? -1 : 1, directories));
    }
    if (event.action !== "press") return stay(model, picker);
    const row = event.row - HEADER_ROWS - ROWS_ABOVE;
    const clicked = row < 0 ? undefined : directories[top + row];
    return clicked === undefined ? stay(model, undefined) : launch(model, clicked);
  }
  if (event.type === "key") {
    if (event.name === "enter") return chosen === undefined ? launchTyped(model, picker) : launch(model, chosen);
    if (event.name === "up" || event.name === "ctrl-p") return stay(model, moved(picker, -1, directories));
    if (event.name === "down" || event.name === "ctrl-n") return stay(model, moved(picker, 1, directories));
    if (event.name === "tab" && chosen !== undefined) {
      return typed(model, picker, lineOf(`${shortenHome(chosen, model.places.home)}/`));
    }
  }
  const line = lineAfter(picker.line, event);
  return line === undefined ? stay(model, picker) : typed(model, picker, line);
}

/** What the disk has for what is typed; Enter may have come before. Pure. */
export function updateCompletions(model: Model, picker: Picker, completions: readonly string[]): Update {
  const next = { ...picker, completions, entered: false };
  return picker.entered ? launchTyped(model, next) : stay(model, next);
}

/** Only in a directory that is there: else what was typed stays, to be mended. */
function launchTyped(model: Model, picker: Picker): Update {
  const path = pathTyped(textOf(picker.line), model.places)?.replace(/(?<=.)\/$/, "");
  if (path === undefined) return stay(model, picker);
  if (picker.completions === undefined) return stay(model, { ...picker, entered: true });
  if (picker.completions[0] === path) return launch(model, path);
  const text = `There is no directory ${shortenHome(path, model.places.home)}`;
  return stay({ ...model, notice: { kind: "error", text } }, picker);
}

/** What is typed may be the beginning of a path that is not known yet. */
function typed(model: Model, picker: Picker, line: Picker["line"]): Update {
  const text = textOf(line);
  const path = pathTyped(text, model.places);
  const completions = path === undefined ? [] : undefined;
  const { model: next } = stay(model, { ...picker, line, selected: 0, completions, entered: false });
  return { model: next, effects: path === undefined ? [] : [{ type: "complete", typed: text, path }] };
}

function moved(picker: Picker, by: number, directories: readonly string[]): Picker {
  return { ...picker, selected: Math.min(Math.max(picker.selected + by, 0), Math.max(0, directories.length - 1)) };
}

function launch(model: Model, cwd: string): Update {
  return { model: { ...model, overlay: undefined }, effects: [{ type: "launch", cwd }] };
}

function stay(model: Model, overlay: Picker | undefined): Update {
  return { model: { ...model, overlay }, effects: [] };
}
