import type { Size } from "../../protocol/session.ts";
import type { PaneAddress } from "./multiplexer-adapter.ts";

export type SplitPlace = "right" | "below" | "window";

/** A program that is started in a new pane: its words, never a shell string. */
export interface PaneProgram {
  argv: readonly string[];
  /** What its environment has besides that of the server. */
  env?: Readonly<Record<string, string>>;
}

/** What the workspace needs of a multiplexer: a docked pane, its neighbour, and new panes. */
export interface WorkspaceAdapter {
  /** The pane this process runs in; undefined outside of the multiplexer. */
  ownPane(environment: Readonly<Record<string, string | undefined>>): Promise<PaneAddress | undefined>;
  /** Every pane on the server of this one. */
  panes(near: PaneAddress): Promise<PaneAddress[]>;
  /** The pane in the same window in which sessions are shown: the one used last beside the docked one. */
  neighbour(docked: PaneAddress): Promise<(PaneAddress & { size: Size }) | undefined>;
  /** The docked pane in the window of this pane. */
  docked(near: PaneAddress): Promise<PaneAddress | undefined>;
  /** Starts a program in a docked pane of this width on the left of the window; the focus moves there with `focus`. */
  dock(near: PaneAddress, program: PaneProgram, options: { width: number; focus: boolean }): Promise<PaneAddress>;
  /** Takes the docked pane away and gives the window the layout it had. */
  undock(docked: PaneAddress): Promise<void>;
  /** Starts a program in a pane beside this one, or in a new window, and moves the focus there. */
  split(pane: PaneAddress, place: SplitPlace, program: PaneProgram): Promise<PaneAddress>;
  focus(pane: PaneAddress): Promise<void>;
  /** Says something to the person at this terminal, who is attached to the server of this pane. */
  say(near: PaneAddress, client: string, text: string): Promise<void>;
}
