import type { MultiplexerAdapter, PaneAddress } from "../adapters/multiplexers/multiplexer-adapter.ts";
import type { NeighbourPane, WorkspaceAdapter } from "../adapters/multiplexers/workspace-adapter.ts";
import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";
import { shellCommand } from "../runtime/short-forms.ts";
import type { Workspace } from "./workspace.ts";

export interface MultiplexerParts {
  panes: WorkspaceAdapter;
  multiplexer: MultiplexerAdapter;
  /** The sidebar's pane; for a popup, which has none, the pane it was opened over. */
  own: PaneAddress;
  popup: boolean;
  /** The command that attaches to a session, as words. */
  attachCommand: (session: string) => string[];
  /** The command of a view that shows one session after another, this one first, as words. */
  viewCommand: (session: string) => string[];
  /** The sidebar's own. */
  size: () => Size;
}

/** A pane with room for two views side by side. */
const WIDE_COLS = 160;

/** Sessions are shown in the panes around the sidebar's. */
export function createMultiplexerWorkspace(parts: MultiplexerParts): Workspace {
  const { panes, multiplexer, own, popup } = parts;
  const environment = { ...process.env, TMUX_PANE: own.pane };
  const neighbours = (): Promise<NeighbourPane[]> =>
    popup ? Promise.resolve([{ ...own, size: parts.size() }]) : panes.neighbours(own);

  async function showPane(pane: PaneAddress): Promise<string | undefined> {
    const shown = await multiplexer.show(pane, environment);
    switch (shown.outcome) {
      case "shown":
        return shown.here ? undefined : `It is in front now on ${shown.terminal}`;
      case "unattended":
        return `Nobody is attached to its tmux: ${shellCommand(shown.attach)}`;
      case "gone":
        return "Its pane is gone";
    }
  }

  return {
    transient: popup,
    around: async () => (await neighbours()).map(({ tty }) => tty),
    viewSize: async () => (await neighbours())[0]?.size ?? parts.size(),

    async focus(ttys) {
      if (ttys.length === 0) return false;
      const pane = (await panes.panes(own)).find(({ tty }) => ttys.includes(tty));
      return pane !== undefined && (await showPane(pane)) === undefined;
    },

    /** What is in the panes around stays there: none of them showed a session. */
    async attach({ id }: SessionSummary) {
      if (popup) return (await panes.split(own, "window", parts.viewCommand(id))).tty;
      const [beside] = await neighbours();
      const where = beside === undefined || beside.size.cols >= WIDE_COLS ? "right" : "below";
      return (await panes.split(beside ?? own, where, parts.viewCommand(id))).tty;
    },

    jump: async ({ tty, tmux }: ExternalTerminal) =>
      tmux === undefined ? `It runs in ${tty}` : showPane({ ...tmux, tty }),

    async mirror({ id, shownOn = [] }, where) {
      const shows = (await panes.panes(own)).find(({ tty }) => shownOn.includes(tty));
      await panes.split(shows ?? (await neighbours())[0] ?? own, where, parts.attachCommand(id));
    },

    reclaim: () => Promise.resolve(),

    async leave() {
      const docked = popup ? undefined : await panes.docked(own);
      if (docked?.pane === own.pane) await panes.undock(own);
    },
  };
}
