import type { Size } from "../../protocol/session.ts";
import type { PaneAddress } from "./multiplexer-adapter.ts";

export type SplitPlace = "right" | "below" | "window";

/** A pane in a window, with its size. */
export type NeighbourPane = PaneAddress & { size: Size };

/**
 * What the workspace needs of a multiplexer: a docked pane, those around it, and new ones. A program for a new pane is
 * given as its words, never as a shell string. Everything throws a PisyncError with the multiplexer's own words.
 */
export interface WorkspaceAdapter {
  /** The pane this process runs in; undefined outside of the multiplexer. */
  ownPane(environment: Readonly<Record<string, string | undefined>>): Promise<PaneAddress | undefined>;
  /** Every pane on the server of this one. */
  panes(near: PaneAddress): Promise<PaneAddress[]>;
  /** The other panes of this one's window, without a docked one; first the one that is or was used last. */
  neighbours(pane: PaneAddress): Promise<NeighbourPane[]>;
  /** The docked pane in the window of this pane. */
  docked(near: PaneAddress): Promise<PaneAddress | undefined>;
  /** Starts a program in a docked pane of this width on the left of the window, and moves the focus there. */
  dock(near: PaneAddress, argv: readonly string[], options: { width: number }): Promise<PaneAddress>;
  /** Takes the docked pane away and gives the window the layout it had. The pane may be the caller's own. */
  undock(docked: PaneAddress): Promise<void>;
  /** Starts a program in a pane beside this one, or in a new window, and moves the focus there. */
  split(pane: PaneAddress, place: SplitPlace, argv: readonly string[]): Promise<PaneAddress>;
  focus(pane: PaneAddress): Promise<void>;
  /** Says something to the person at this terminal, who is attached to the server of this pane. */
  say(near: PaneAddress, client: string, text: string): Promise<void>;
}
