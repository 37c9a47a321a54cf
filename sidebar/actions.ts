import type { SessionId } from "../protocol/ids.ts";
import { needsMe, type SessionSummary } from "../protocol/session.ts";
import type { Action, Keys } from "../runtime/keybindings.ts";
import { lineOf } from "../runtime/line-editor.ts";
import { isPastCommand } from "../runtime/past-sessions.ts";
import { markOf } from "../runtime/session-marks.ts";
import { shortenHome } from "../runtime/short-forms.ts";
import { groupKey, rowsOf, sessionKey, type Row } from "./list.ts";
import { listHeight, type Effect, type MenuItem, type Model } from "./model.ts";
import { keptInView, moveSelection, selectedRow } from "./selection.ts";
import type { Update } from "./update.ts";

/** What a key or click in the list does. Pure. */
export function actOn(model: Model, action: Action, keys: Keys): Update {
  const row = selectedRow(model);
  switch (action) {
    case "next":
      return only(moveSelection(model, 1));
    case "previous":
      return only(moveSelection(model, -1));
    case "page-down":
      return only(moveSelection(model, listHeight(model)));
    case "page-up":
      return only(moveSelection(model, -listHeight(model)));
    case "first":
      return only(moveSelection(model, -rowsOf(model).length));
    case "last":
      return only(moveSelection(model, rowsOf(model).length));
    case "fold":
    case "unfold":
    case "toggle-fold":
      return only(row === undefined ? model : folded(model, row, action));
    case "next-needing":
      return only(toNextNeeding(model));
    case "filter": {
      const { selected, top, filter = { line: lineOf(""), before: { selected, top } } } = model;
      return only({ ...model, filter: { ...filter, editing: true } });
    }
    case "search":
      return only({ ...model, overlay: { kind: "prompt", prompt: { kind: "search" }, line: lineOf("") } });
    case "new":
      return only(withDirectories(model, row));
    case "help":
      return only({ ...model, overlay: { kind: "help", top: 0 } });
    case "mute-all":
      return { model, effects: [{ type: "mute-all", muted: !model.mutedAll }] };
    case "quit":
      return { model, effects: [{ type: "close" }] };
    case "open":
    case "open-here":
    case "menu":
    case "mirror-right":
    case "mirror-below":
    case "rename":
    case "kill":
    case "dismiss":
    case "mute":
      return actOnRow(model, row, action, keys);
  }
}

type RowAction = Extract<
  Action,
  "open" | "open-here" | "menu" | "mirror-right" | "mirror-below" | "rename" | "kill" | "dismiss" | "mute"
>;

function actOnRow(model: Model, row: Row | undefined, action: RowAction, keys: Keys): Update {
  if (row === undefined) return only(model);
  if (row.kind === "session") return actOnSession(model, row.session, action, keys);
  if (action === "menu") return only(withDirectoryMenu(model, row.directory, keys));
  if (action !== "open") return only(model);
  if (row.kind === "group") return only(folded(model, row, "toggle-fold"));
  return only(keptInView({ ...model, expanded: new Set([...model.expanded, row.directory]) }));
}

function actOnSession(model: Model, session: SessionSummary, action: RowAction, keys: Keys): Update {
  const { id, kind } = session;
  const refusal = refusalOf(session, action);
  if (refusal !== undefined) return only({ ...model, notice: { kind: "error", text: refusal } });
  switch (action) {
    case "open":
    case "open-here": {
      const open: Effect = { type: "open", session: id, here: action === "open-here" };
      // What a command did once may do harm when it is done again.
      return isPastCommand(session) ? asking(model, `Run it again? ${session.title}`, open) : doing(model, open);
    }
    case "mirror-right":
    case "mirror-below":
      return doing(model, { type: "mirror", session: id, place: action === "mirror-right" ? "right" : "below" });
    case "menu":
      return only(withMenu(model, session.title, menuOf(session, keys)));
    case "rename": {
      const line = lineOf(session.titleSource === "name" ? session.title : "");
      return only({ ...model, overlay: { kind: "prompt", prompt: { kind: "rename", session: id }, line } });
    }
    case "kill": {
      const inRun = ["working", "waiting"].includes(markOf(session));
      const question = `Kill ${session.title}?${inRun ? " It is in the middle of a run." : ""}`;
      return asking(model, question, { type: "kill", session: id });
    }
    case "dismiss":
      return kind === "resumable" ? doing(model, { type: "dismiss", session: id }) : only(model);
    case "mute":
      return doing(model, { type: "mute", session: id, muted: !session.muted });
  }
}

/** Why something cannot be done to an entry; undefined when it can. */
function refusalOf(session: SessionSummary, action: RowAction): string | undefined {
  const { kind, title } = session;
  const live = kind === "live";
  switch (action) {
    case "kill":
      return live
        ? undefined
        : kind === "external"
          ? "pisync did not start it: end it in its terminal"
          : "It has ended";
    case "mirror-right":
    case "mirror-below":
      return live
        ? undefined
        : kind === "external"
          ? "Only its own terminal shows it"
          : `It has ended: Enter ${isPastCommand(session) ? "runs it again" : "resumes it"}`;
    case "dismiss":
      return live ? `${title} is live: kill it first` : kind === "external" ? "It is running" : undefined;
    case "rename":
      return kind === "external" ? "Rename it with /name in its terminal" : undefined;
    case "open":
    case "open-here":
    case "menu":
    case "mute":
      return undefined;
  }
}

const MENU: readonly { action: RowAction; label: (session: SessionSummary) => string }[] = [
  { action: "open", label: openLabel },
  { action: "open-here", label: () => "Show it here" },
  { action: "mirror-right", label: () => "Mirror to the right" },
  { action: "mirror-below", label: () => "Mirror below" },
  { action: "rename", label: () => "Rename" },
  { action: "mute", label: ({ muted }) => (muted ? "Unmute" : "Mute") },
  { action: "kill", label: () => "Kill" },
  { action: "dismiss", label: () => "Dismiss" },
];

function openLabel(session: SessionSummary): string {
  if (isPastCommand(session)) return "Run again";
  return { live: "Attach", external: "Jump to it", resumable: "Resume" }[session.kind];
}

function menuOf(session: SessionSummary, keys: Keys): MenuItem[] {
  return MENU.filter(({ action }) => refusalOf(session, action) === undefined)
    .filter(({ action }) => action !== "open-here" || session.kind === "live")
    .map(({ action, label }) => ({ does: action, label: label(session), key: keyOf(action, keys) }));
}

function withDirectoryMenu(model: Model, directory: string, keys: Keys): Model {
  const fold = model.folded.has(directory) ? "Unfold" : "Fold";
  return withMenu(model, shortenHome(directory, model.places.home), [
    { does: "toggle-fold", label: fold, key: keyOf("toggle-fold", keys) },
    { does: { type: "launch", cwd: directory }, label: "New pi here", key: keyOf("new", keys) },
  ]);
}

function keyOf(action: Action, keys: Keys): string | undefined {
  return keys.bindings.find((binding) => binding.action === action)?.keys[0];
}

function withMenu(model: Model, title: string, items: readonly MenuItem[]): Model {
  return { ...model, overlay: { kind: "menu", title, items, selected: 0 } };
}

function folded(model: Model, row: Row, how: "fold" | "unfold" | "toggle-fold"): Model {
  const { directory } = row;
  const fold = how === "toggle-fold" ? !model.folded.has(directory) : how === "fold";
  const set = new Set(model.folded);
  if (fold) set.add(directory);
  else set.delete(directory);
  return keptInView({ ...model, folded: set, selected: fold ? groupKey(directory) : model.selected });
}

/** Unfolds what hides it. From the selected entry on, and round. */
function toNextNeeding(model: Model): Model {
  const rows = rowsOf({ ...model, folded: new Set(), filter: undefined });
  const from = rows.findIndex(({ key }) => key === model.selected) + 1;
  const next = [...rows.slice(from), ...rows.slice(0, from)].find(
    (row): row is Extract<Row, { kind: "session" }> => row.kind === "session" && needsMe(row.session),
  );
  if (next === undefined) return { ...model, notice: { kind: "info", text: "Nothing needs you" } };
  const unfolded = new Set(model.folded);
  unfolded.delete(next.directory);
  return keptInView({ ...model, filter: undefined, folded: unfolded, selected: next.key });
}

/** Known directories, first that of the selected row, then where the sidebar was opened. */
function withDirectories(model: Model, row: Row | undefined): Model {
  const used = rowsOf({ ...model, folded: new Set(), filter: undefined }).map(({ directory }) => directory);
  const known = [...new Set([...(row === undefined ? [] : [row.directory]), model.places.cwd, ...used])];
  const overlay = {
    kind: "directories",
    known,
    completions: [],
    entered: false,
    line: lineOf(""),
    selected: 0,
  } as const;
  return { ...model, overlay };
}

/** Selects a session's entry and unfolds what hides it. */
export function revealed(model: Model, id: SessionId): Model {
  const session = model.sessions.get(id);
  if (session === undefined) return model;
  const unfolded = new Set(model.folded);
  unfolded.delete(session.cwd);
  const expanded = session.kind === "resumable" ? new Set([...model.expanded, session.cwd]) : model.expanded;
  return keptInView({ ...model, filter: undefined, folded: unfolded, expanded, selected: sessionKey(id) });
}

function asking(model: Model, question: string, effect: Effect): Update {
  return only({ ...model, overlay: { kind: "confirm", question, effect } });
}

function doing(model: Model, ...effects: Effect[]): Update {
  return { model, effects };
}

function only(model: Model): Update {
  return { model, effects: [] };
}
