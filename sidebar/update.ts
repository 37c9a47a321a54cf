import type { IndexState, Preferences } from "../protocol/daemon-state.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SearchHit } from "../protocol/search.ts";
import type { SessionSummary, Size } from "../protocol/session.ts";
import type { InputEvent } from "../runtime/terminal-input.ts";
import type { Keys } from "../runtime/keybindings.ts";
import { lineAfter, textOf } from "../runtime/line-editor.ts";
import { rowsOf } from "./list.ts";
import { actOn, revealed } from "./actions.ts";
import { updateCompletions } from "./directory-picker.ts";
import { listHeight, wayBack, type Effect, type Filter, type Model, type Notice } from "./model.ts";
import { updateOverlay } from "./overlays.ts";
import { isOnFooter, keptInView, rowAt, selectedIndex, selectedRow, selectRow } from "./selection.ts";

/** What changes the model. */
export type Message =
  | { type: "input"; event: InputEvent }
  | { type: "snapshot"; sessions: readonly SessionSummary[]; index: IndexState; preferences: Preferences }
  | { type: "change"; changed: readonly SessionSummary[]; removed: readonly SessionId[] }
  | { type: "index"; index: IndexState }
  | { type: "preferences"; preferences: Preferences }
  | { type: "daemon"; state: Model["daemon"] }
  | { type: "resize"; size: Size }
  | { type: "around"; terminals: readonly string[] }
  | { type: "notice"; notice: Notice | undefined }
  | { type: "launched"; session: SessionId }
  /** This terminal showed it, and is the sidebar's again. */
  | { type: "left"; session: SessionId }
  | { type: "found"; query: string; hits: readonly SearchHit[] }
  | { type: "search-failed"; query: string; reason: string }
  | { type: "completed"; typed: string; directories: readonly string[] };

export interface Update {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

/** Wheel steps move this many rows. */
const WHEEL_ROWS = 3;

/** The model after a message, and what is to be done outside it. Pure. */
export function update(model: Model, message: Message, keys: Keys): Update {
  switch (message.type) {
    case "input":
      return updateByInput(model, message.event, keys);
    case "snapshot": {
      const sessions = new Map(message.sessions.map((session) => [session.id, session]));
      const { index, preferences } = message;
      return only(keptInPlace(model, { ...model, sessions, index, ...preferences, daemon: "connected" }));
    }
    case "change":
      return only(keptInPlace(model, { ...model, sessions: changedSessions(model, message) }));
    case "index":
      return only({ ...model, index: message.index });
    case "preferences":
      return only({ ...model, ...message.preferences });
    case "daemon":
      return only({ ...model, daemon: message.state });
    case "resize":
      return only(keptInView({ ...model, size: message.size }));
    case "around":
      return only({ ...model, around: new Set(message.terminals) });
    case "notice":
      return only({ ...model, notice: message.notice });
    case "launched":
      return only(revealed(model, message.session));
    case "left":
      return only({ ...model, back: { type: "open", session: message.session, here: true } });
    case "found":
    case "search-failed":
      return only(withResults(model, message));
    case "completed":
      return updateByCompletions(model, message);
  }
}

function updateByInput(model: Model, event: InputEvent, keys: Keys): Update {
  if (event.type === "focus") return only({ ...model, focused: event.focused });
  const passive = event.type === "mouse" && (event.action === "move" || event.action === "release");
  if (passive && model.overlay === undefined) return only(model);
  const present = passive ? model : { ...model, notice: undefined };
  // What a notice lies over cannot be meant.
  if (event.type === "mouse" && isOnFooter(model, event.row)) return only(present);
  if (present.overlay !== undefined) return updateOverlay(present, present.overlay, event, keys);
  if (event.type === "mouse") return updateByMouse(present, event, keys);
  if (present.filter?.editing) return updateFilter(present, present.filter, event, keys);
  if (event.type === "paste") return only(present);
  if (event.name === "esc") return present.filter === undefined ? goneBack(present) : only(unfiltered(present));
  const action = keys.action(event.name);
  return action === undefined ? only(present) : actOn(present, action, keys);
}

/** What is typed narrows the list at once; arrows and Enter already work on what is left. */
function updateFilter(
  model: Model,
  filter: Filter,
  event: Extract<InputEvent, { type: "key" | "paste" }>,
  keys: Keys,
): Update {
  if (event.type === "key") {
    if (event.name === "esc") return only(unfiltered(model));
    if (event.name === "enter") return openFound(model, keys);
    if (event.name === "tab") return only(withFilterLeft(model));
    if (event.name === "up" || event.name === "ctrl-p") return actOn(model, "previous", keys);
    if (event.name === "down" || event.name === "ctrl-n") return actOn(model, "next", keys);
  }
  const changed = lineAfter(filter.line, event);
  if (changed === undefined) return only(model);
  return only(withFirstMatch(model, { ...filter, line: changed }));
}

/** The filter has done its work when what it found is opened. */
function openFound(model: Model, keys: Keys): Update {
  const row = selectedRow(model);
  if (row?.kind !== "session") return only(withFilterLeft(model));
  return actOn(revealed(model, row.session.id), "open", keys);
}

function withFilterLeft(model: Model): Model {
  const { filter } = model;
  if (filter === undefined) return model;
  return { ...model, filter: textOf(filter.line).trim() === "" ? undefined : { ...filter, editing: false } };
}

/** The best match is selected while there is a pattern. */
function withFirstMatch(model: Model, filter: Filter): Model {
  const filtered = { ...model, filter };
  if (textOf(filter.line).trim() === "") return keptInView({ ...filtered, ...filter.before });
  const first = rowsOf(filtered).find(({ kind }) => kind === "session");
  return keptInView({ ...filtered, selected: first?.key ?? model.selected, top: 0 });
}

/** A filter that is being typed is taken back as if it had not been; one that was kept leaves what was chosen in it. */
function unfiltered(model: Model): Model {
  const { filter } = model;
  if (filter === undefined) return model;
  const chosen = filter.editing ? undefined : selectedRow(model);
  return keptInView({ ...model, filter: undefined, ...(chosen === undefined ? filter.before : {}) });
}

/** Once: who presses Esc twice does not want to be there again after leaving. */
function goneBack(model: Model): Update {
  const back = wayBack(model);
  return back === undefined ? only(model) : { model: { ...model, back: undefined }, effects: [back] };
}

function updateByMouse(model: Model, event: Extract<InputEvent, { type: "mouse" }>, keys: Keys): Update {
  switch (event.action) {
    case "wheel-up":
      return only(scrolled(model, -WHEEL_ROWS));
    case "wheel-down":
      return only(scrolled(model, WHEEL_ROWS));
    case "press":
    case "right": {
      const row = rowAt(model, event.row);
      if (row === undefined) return only(model);
      const selected = selectRow(model, row);
      if (event.action === "right") return actOn(selected, "menu", keys);
      if (row.kind === "group") return actOn(selected, "toggle-fold", keys);
      const { shift, alt, ctrl } = event.modifiers;
      return actOn(selected, shift || alt || ctrl ? "open-here" : "open", keys);
    }
    case "release":
    case "move":
    case "middle":
      return only(model);
  }
}

/** The wheel moves the list, not the selection. */
function scrolled(model: Model, by: number): Model {
  const most = Math.max(0, rowsOf(model).length - listHeight(model));
  return { ...model, top: Math.min(Math.max(model.top + by, 0), most) };
}

function changedSessions(model: Model, { changed, removed }: Extract<Message, { type: "change" }>): Model["sessions"] {
  const sessions = new Map(model.sessions);
  for (const id of removed) sessions.delete(id);
  for (const session of changed) sessions.set(session.id, session);
  return sessions;
}

/**
 * What others do moves rows, but not the selected one on the screen; where the list is at its top, what comes there is
 * to be seen, and the selected row moves as far as the screen goes.
 */
function keptInPlace(before: Model, after: Model): Model {
  const was = selectedIndex(before);
  const is = selectedIndex(after);
  if (was === undefined) return keptInView(after);
  if (is !== undefined) {
    if (before.top > 0) return bounded({ ...after, top: after.top + is - was });
    return was < listHeight(before) ? keptInView(after) : after;
  }
  // The selected entry is gone: the one that took its place is selected.
  const rows = rowsOf(after);
  return keptInView({ ...after, selected: rows[Math.min(was, rows.length - 1)]?.key });
}

function bounded(model: Model): Model {
  const most = Math.max(0, rowsOf(model).length - listHeight(model));
  return { ...model, top: Math.min(Math.max(model.top, 0), most) };
}

function withResults(model: Model, message: Extract<Message, { type: "found" | "search-failed" }>): Model {
  const { overlay } = model;
  if (overlay?.kind !== "results" || overlay.query !== message.query) return model;
  if (message.type === "found") return { ...model, overlay: { ...overlay, state: "done", hits: message.hits } };
  return { ...model, overlay: { ...overlay, state: "failed" }, notice: { kind: "error", text: message.reason } };
}

function updateByCompletions(model: Model, { typed, directories }: Extract<Message, { type: "completed" }>): Update {
  const { overlay } = model;
  if (overlay?.kind !== "directories" || textOf(overlay.line) !== typed) return only(model);
  return updateCompletions(model, overlay, directories);
}

function only(model: Model): Update {
  return { model, effects: [] };
}
