import { spawn } from "node:child_process";
import type { MultiplexerAdapter, PaneAddress } from "../adapters/multiplexers/multiplexer-adapter.ts";
import type { WorkspaceAdapter } from "../adapters/multiplexers/workspace-adapter.ts";
import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";
import type { Workspace } from "./workspace.ts";

export interface MultiplexerParts {
  panes: WorkspaceAdapter;
  multiplexer: MultiplexerAdapter;
  /** The sidebar's own pane. */
  own: PaneAddress;
  /** A popup has no neighbour: it shows sessions in the pane it was opened over. */
  over: PaneAddress | undefined;
  /** The command that attaches to a session, as words. */
  attachCommand: (session: string) => string[];
  /** The command that takes the docked pane away, as words. */
  undockCommand: (own: PaneAddress) => string[];
  viewSize: () => Size;
}

/** Sessions are shown in the panes around the sidebar's. */
export function createMultiplexerWorkspace(parts: MultiplexerParts): Workspace {
  const { panes, multiplexer, own, over } = parts;

  const neighbour = async () => over ?? (await panes.neighbour(own));

  async function showPane(pane: PaneAddress): Promise<string | undefined> {
    const shown = await multiplexer.show(pane, process.env);
    switch (shown.outcome) {
      case "shown":
        return shown.here ? undefined : `It is in front now on ${shown.terminal}`;
      case "unattended":
        return `Nobody is attached to its tmux: ${shown.attach.join(" ")}`;
      case "gone":
        return "Its pane is gone";
    }
  }

  return {
    transient: over !== undefined,
    viewSize: async () => {
      const beside = over === undefined ? await panes.neighbour(own) : undefined;
      return beside?.size ?? parts.viewSize();
    },

    leave() {
      if (over !== undefined) return false;
      // The layout is given back once this pane is gone, so somebody else has to do that.
      const [program = "", ...args] = parts.undockCommand(own);
      spawn(program, args, { detached: true, stdio: "ignore" }).unref();
      return true;
    },

    neighbour: async () => (await neighbour())?.tty,

    async focus(ttys) {
      if (ttys.length === 0) return false;
      const pane = (await panes.panes(own)).find(({ tty }) => ttys.includes(tty));
      return pane !== undefined && (await showPane(pane)) === undefined;
    },

    async attach({ id }: SessionSummary) {
      const beside = await neighbour();
      const place = beside === undefined || over !== undefined ? "window" : "below";
      await panes.split(beside ?? own, place, { argv: parts.attachCommand(id) });
    },

    async jump({ tty, tmux }: ExternalTerminal) {
      return tmux === undefined ? `It runs in ${tty}` : showPane({ ...tmux, tty });
    },

    async mirror({ id, shownOn = [] }, place) {
      const all = await panes.panes(own);
      const shows = all.find(({ tty }) => shownOn.includes(tty)) ?? (await neighbour()) ?? own;
      await panes.split(shows, place, { argv: parts.attachCommand(id) });
    },
  };
}
