import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";

/** Where the sidebar's sessions are shown: panes of tmux, or this very terminal. */
export interface Workspace {
  /** The terminal beside the sidebar, which shows what is chosen; undefined when there is none. */
  neighbour(): Promise<string | undefined>;
  /** True where the sidebar is opened for one choice and goes with it. */
  readonly transient: boolean;
  /** The size a session that is started now will be shown in. */
  viewSize(): Promise<Size>;
  /** Moves the focus to what shows one of these terminals; false when nothing here does. */
  focus(ttys: readonly string[]): Promise<boolean>;
  /** Shows a live session where there is no view for it yet: in a new pane, or in this terminal until it is left. */
  attach(session: SessionSummary): Promise<void>;
  /** Shows the terminal of a pi that pisync did not start. Returns what there is to say. */
  jump(terminal: ExternalTerminal): Promise<string | undefined>;
  /** A further view in a new pane. @throws PisyncError where there are no panes. */
  mirror(session: SessionSummary, place: "right" | "below"): Promise<void>;
  /** Its user closes the sidebar: gives back the room it took. False when there is nothing to do but to end. */
  leave(): boolean;
}
