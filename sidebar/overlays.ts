import type { InputEvent } from "../runtime/terminal-input.ts";
import type { Keys } from "../runtime/keybindings.ts";
import { lineAfter, textOf } from "../runtime/line-editor.ts";
import { actOn, revealed } from "./actions.ts";
import { updateDirectories } from "./directory-picker.ts";
import { helpLength } from "./help.ts";
import { listHeight, type Model, type Overlay } from "./model.ts";
import { HEADER_ROWS } from "./selection.ts";
import type { Update } from "./update.ts";

type Of<K extends Overlay["kind"]> = Extract<Overlay, { kind: K }>;

/** Rows that a result takes on the screen: its title and its snippet. */
export const RESULT_ROWS = 2;

/** What a key, click or paste does while something lies over the list. Pure. */
export function updateOverlay(model: Model, overlay: Overlay, event: InputEvent, keys: Keys): Update {
  if (event.type === "focus") return stay(model);
  if (event.type === "key" && (event.name === "esc" || event.name === "ctrl-c")) return stay(closed(model));
  switch (overlay.kind) {
    case "help":
      return updateHelp(model, overlay, event, keys);
    case "menu":
      return updateMenu(model, overlay, event, keys);
    case "confirm":
      return updateConfirm(model, overlay, event);
    case "prompt":
      return updatePrompt(model, overlay, event);
    case "directories":
      return updateDirectories(model, overlay, event);
    case "results":
      return updateResults(model, overlay, event);
  }
}

function updateHelp(model: Model, overlay: Of<"help">, event: InputEvent, keys: Keys): Update {
  const step = stepOf(event, listHeight(model));
  if (step !== undefined) {
    const top = within(overlay.top + step, helpLength(keys) - listHeight(model) + 1);
    return stay({ ...model, overlay: { ...overlay, top } });
  }
  const leaves =
    (event.type === "key" && (event.name === "q" || event.name === "enter" || keys.action(event.name) === "help")) ||
    (event.type === "mouse" && event.action === "press");
  return stay(leaves ? closed(model) : model);
}

function updateMenu(model: Model, overlay: Of<"menu">, event: InputEvent, keys: Keys): Update {
  const { items, selected } = overlay;
  const run = (index: number): Update => {
    const does = items[index]?.does;
    if (does === undefined) return stay(closed(model));
    return typeof does === "string" ? actOn(closed(model), does, keys) : { model: closed(model), effects: [does] };
  };
  if (event.type === "mouse") {
    if (event.action !== "press") return stay(model);
    return run(event.row - HEADER_ROWS - 1);
  }
  if (event.type !== "key") return stay(model);
  if (event.name === "enter") return run(selected);
  const direct = items.findIndex(({ key }) => key === event.name);
  if (direct >= 0) return run(direct);
  const step = stepOf(event, items.length);
  if (step === undefined) return stay(event.name === "q" ? closed(model) : model);
  return stay({ ...model, overlay: { ...overlay, selected: within(selected + step, items.length) } });
}

/** Only y agrees: Enter is too near to what was meant before. */
function updateConfirm(model: Model, overlay: Of<"confirm">, event: InputEvent): Update {
  if (event.type === "key") {
    const agreed = event.name === "y" || event.name === "Y";
    return { model: closed(model), effects: agreed ? [overlay.effect] : [] };
  }
  return stay(event.type === "mouse" && event.action === "press" ? closed(model) : model);
}

function updatePrompt(model: Model, overlay: Of<"prompt">, event: InputEvent): Update {
  if (event.type === "mouse") return stay(event.action === "press" ? closed(model) : model);
  if (event.type === "key" && event.name === "enter") return answered(model, overlay);
  const line = lineAfter(overlay.line, event);
  return stay(line === undefined ? model : { ...model, overlay: { ...overlay, line } });
}

function answered(model: Model, { prompt, line }: Of<"prompt">): Update {
  const text = textOf(line).trim();
  if (text === "") return stay(closed(model));
  switch (prompt.kind) {
    case "rename":
      return { model: closed(model), effects: [{ type: "rename", session: prompt.session, name: text }] };
    case "search": {
      const results: Overlay = { kind: "results", query: text, state: "searching", hits: [], selected: 0, top: 0 };
      return { model: { ...model, overlay: results }, effects: [{ type: "search", query: text }] };
    }
  }
}

function updateResults(model: Model, overlay: Of<"results">, event: InputEvent): Update {
  const { hits, selected } = overlay;
  const open = (index: number): Update => {
    const id = hits[index]?.session.id;
    if (id === undefined) return stay(model);
    return { model: revealed(closed(model), id), effects: [{ type: "open", session: id, here: false }] };
  };
  if (event.type === "mouse" && event.action === "press") {
    const row = event.row - HEADER_ROWS;
    return row < 0 ? stay(model) : open(overlay.top + Math.floor(row / RESULT_ROWS));
  }
  if (event.type === "key" && event.name === "enter") return open(selected);
  if (event.type === "key" && event.name === "q") return stay(closed(model));
  const visible = Math.max(1, Math.floor(listHeight(model) / RESULT_ROWS));
  const step = stepOf(event, visible);
  if (step === undefined) return stay(model);
  const next = within(selected + step, hits.length);
  const top = Math.min(Math.max(overlay.top, next - visible + 1), next);
  return stay({ ...model, overlay: { ...overlay, selected: next, top } });
}

/** How many rows a key or the wheel moves; undefined for anything else. */
function stepOf(event: InputEvent, page: number): number | undefined {
  if (event.type === "mouse") return event.action === "wheel-up" ? -1 : event.action === "wheel-down" ? 1 : undefined;
  if (event.type !== "key") return undefined;
  switch (event.name) {
    case "up":
    case "k":
    case "ctrl-p":
      return -1;
    case "down":
    case "j":
    case "ctrl-n":
      return 1;
    case "pageup":
      return -page;
    case "pagedown":
    case "space":
      return page;
    default:
      return undefined;
  }
}

function within(index: number, length: number): number {
  return Math.min(Math.max(index, 0), Math.max(0, length - 1));
}

function closed(model: Model): Model {
  return { ...model, overlay: undefined };
}

function stay(model: Model): Update {
  return { model, effects: [] };
}
