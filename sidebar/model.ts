import type { IndexState } from "../protocol/daemon-state.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SearchHit } from "../protocol/search.ts";
import type { SessionSummary, Size } from "../protocol/session.ts";
import type { Places } from "./directories.ts";
import type { Action } from "../runtime/keybindings.ts";
import type { Line } from "../runtime/line-editor.ts";

/** Everything the sidebar shows, but for the time. */
export interface Model {
  readonly size: Size;
  readonly places: Places;
  readonly sessions: ReadonlyMap<SessionId, SessionSummary>;
  readonly index: IndexState | undefined;
  readonly daemon: "connecting" | "connected" | "lost";
  /** Directories whose entries are hidden. */
  readonly folded: ReadonlySet<string>;
  /** Directories of which everything that ended is shown. */
  readonly expanded: ReadonlySet<string>;
  /** Key of the selected row. */
  readonly selected: string | undefined;
  /** The first row on the screen. */
  readonly top: number;
  /** Present while the list is filtered. */
  readonly filter: Filter | undefined;
  readonly overlay: Overlay | undefined;
  readonly notice: Notice | undefined;
  /** What Esc does in the list: it closes a popup, or shows again the session that this terminal showed last. */
  readonly back: Back | undefined;
  /** The terminals around the sidebar's: what is shown in one of them is marked. */
  readonly around: ReadonlySet<string>;
  readonly focused: boolean;
  /** No notifications of any session. */
  readonly mutedAll: boolean;
}

export interface Filter {
  readonly line: Line;
  readonly editing: boolean;
  /** What Esc goes back to. */
  readonly before: Pick<Model, "selected" | "top">;
}

export type Back = Extract<Effect, { type: "close" | "open" }>;

export interface Notice {
  readonly kind: "info" | "error";
  readonly text: string;
}

/** What lies over the list and takes the keys. */
export type Overlay =
  | { readonly kind: "help"; readonly top: number }
  | {
      readonly kind: "menu";
      readonly title: string;
      readonly items: readonly MenuItem[];
      readonly selected: number;
    }
  | { readonly kind: "confirm"; readonly question: string; readonly effect: Effect }
  | { readonly kind: "prompt"; readonly prompt: Prompt; readonly line: Line }
  | {
      readonly kind: "directories";
      /** Where sessions were, that of the selected one first. */
      readonly known: readonly string[];
      /** Those on the disk that begin with what is typed; undefined while they are looked for. */
      readonly completions: readonly string[] | undefined;
      /** Enter waits for them. */
      readonly entered: boolean;
      readonly line: Line;
      readonly selected: number;
    }
  | {
      readonly kind: "results";
      readonly query: string;
      readonly state: "searching" | "done" | "failed";
      readonly hits: readonly SearchHit[];
      readonly selected: number;
      readonly top: number;
    };

export interface MenuItem {
  readonly label: string;
  readonly key: string | undefined;
  readonly does: Action | Effect;
}

export type Prompt = { readonly kind: "rename"; readonly session: SessionId } | { readonly kind: "search" };

/** What is to be done outside the model. */
export type Effect =
  /** Attach, resume or jump; `here` shows it in the neighbouring view although it is visible elsewhere. */
  | { readonly type: "open"; readonly session: SessionId; readonly here: boolean }
  | { readonly type: "mirror"; readonly session: SessionId; readonly place: "right" | "below" }
  | { readonly type: "launch"; readonly cwd: string }
  | { readonly type: "rename"; readonly session: SessionId; readonly name: string }
  | { readonly type: "kill"; readonly session: SessionId }
  | { readonly type: "dismiss"; readonly session: SessionId }
  | { readonly type: "search"; readonly query: string }
  /** Find directories whose path begins with this one, for what was typed. */
  | { readonly type: "complete"; readonly typed: string; readonly path: string }
  | { readonly type: "mute"; readonly session: SessionId; readonly muted: boolean }
  | { readonly type: "mute-all"; readonly muted: boolean }
  | { readonly type: "close" };

export function emptyModel(size: Size, places: Places): Model {
  return {
    size,
    places,
    sessions: new Map(),
    index: undefined,
    daemon: "connecting",
    folded: new Set(),
    expanded: new Set(),
    selected: undefined,
    top: 0,
    filter: undefined,
    overlay: undefined,
    notice: undefined,
    back: undefined,
    around: new Set(),
    focused: true,
    mutedAll: false,
  };
}

/** What Esc does in the list now; nothing when the session to go back to has ended. */
export function wayBack({ back, sessions }: Model): Back | undefined {
  return back?.type === "open" && sessions.get(back.session)?.kind !== "live" ? undefined : back;
}

/** Rows of the list between header and footer. */
export function listHeight({ size }: Model): number {
  return Math.max(1, size.rows - 2);
}
