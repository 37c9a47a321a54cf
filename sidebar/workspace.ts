import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";

/** Where the sidebar's sessions are shown: panes of tmux, or this very terminal. */
export interface Workspace {
  /** True where the sidebar is opened for one choice and goes with it. */
  readonly transient: boolean;
  /** The terminals around the sidebar, in which sessions are shown; first the one used last. */
  around(): Promise<readonly string[]>;
  /** The size a session that is started now will be shown in. */
  viewSize(): Promise<Size>;
  /** Moves the focus to what shows one of these terminals; false when nothing here does. */
  focus(ttys: readonly string[]): Promise<boolean>;
  /**
   * Shows a live session where there is no view for it yet: in a new pane, whose terminal it returns, or in this
   * terminal until it is left.
   */
  attach(session: SessionSummary): Promise<string | undefined>;
  /** Shows the terminal of a pi that pisync did not start. Returns what there is to say when it is not in front now. */
  jump(terminal: ExternalTerminal): Promise<string | undefined>;
  /** A further view in a new pane. @throws PisyncError where there are no panes. */
  mirror(session: SessionSummary, place: "right" | "below"): Promise<void>;
  /** Ends the view that has this terminal, if one does; resolves when it is free. */
  reclaim(): Promise<void>;
  /** Gives back the room that the sidebar took, and with it its own pane. Nothing where it took none. */
  leave(): Promise<void>;
}
