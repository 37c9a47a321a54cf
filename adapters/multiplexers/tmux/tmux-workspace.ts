import { PisyncError } from "../../../runtime/failure.ts";
import type { PaneAddress } from "../multiplexer-adapter.ts";
import type { NeighbourPane, SplitPlace, WorkspaceAdapter } from "../workspace-adapter.ts";
import { socketOf } from "./tmux-adapter.ts";
import { runTmux, TmuxError } from "./tmux-command.ts";
import { dock, undock } from "./tmux-dock.ts";
import { showMessage } from "./tmux-message.ts";
import { createPane } from "./tmux-panes.ts";
import { listPanes, listWindow, type WindowPane } from "./tmux-tables.ts";

/** How long what is said stays in the status line. */
const SAY_MS = 4_000;

/** The workspace in tmux. */
export function createTmuxWorkspace(): WorkspaceAdapter {
  return {
    ownPane: (environment) => told(() => ownPane(environment)),
    panes: (near) => told(() => panesOf(near)),
    neighbours: (pane) => told(() => neighbours(pane)),
    docked: (near) => told(async () => (await windowPanes(near)).find((pane) => pane.docked)),
    dock: (near, argv, options) => told(() => dock(near, argv, options)),
    undock: (docked) => told(() => undock(docked)),
    split: (pane, place, argv) => told(() => split(pane, place, argv)),
    say: ({ socket }, client, text) => told(() => showMessage(socket, client, text, SAY_MS)),
    focus: ({ socket, pane }) => told(async () => void (await runTmux(socket, ["select-pane", "-t", pane]))),
  };
}

async function ownPane(environment: Readonly<Record<string, string | undefined>>): Promise<PaneAddress | undefined> {
  const [socket, id] = [socketOf(environment), environment["TMUX_PANE"]];
  if (socket === undefined || id === undefined) return undefined;
  return (await panesOf({ socket })).find(({ pane }) => pane === id);
}

async function panesOf({ socket }: Pick<PaneAddress, "socket">): Promise<PaneAddress[]> {
  return (await listPanes(socket)).map(({ pane, tty }) => ({ socket, pane, tty }));
}

async function windowPanes({ socket, pane }: PaneAddress): Promise<(PaneAddress & WindowPane)[]> {
  return (await listWindow(socket, pane)).map((listed) => ({ socket, ...listed }));
}

async function neighbours(of: PaneAddress): Promise<NeighbourPane[]> {
  const others = (await windowPanes(of)).filter(({ pane, docked }) => pane !== of.pane && !docked);
  return others.sort((left, right) => left.rank - right.rank);
}

async function split({ socket, pane }: PaneAddress, place: SplitPlace, argv: readonly string[]): Promise<PaneAddress> {
  if (place !== "window") {
    return createPane(socket, ["split-window", place === "right" ? "-h" : "-v", "-t", pane], argv);
  }
  // The next free number: those of the windows that are there stay. By itself tmux would call it node.
  const session = (await runTmux(socket, ["display-message", "-p", "-t", pane, "#{session_id}"])).trim();
  return createPane(socket, ["new-window", "-n", "pisync", "-t", `${session}:`], argv);
}

async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TmuxError)) throw error;
    const next =
      error.reason === "refused" && error.message.includes("no space")
        ? "Make the window larger, or close a pane."
        : "Look whether tmux still works in that terminal, and try again.";
    throw new PisyncError("internal", `tmux: ${error.message}`, { next, cause: error });
  }
}
