import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { plainText } from "../../../runtime/sanitise.ts";
import type { NoticeAdapter } from "../notice-adapter.ts";
import { runTmux } from "./tmux-command.ts";
import { listClients, listPanes } from "./tmux-tables.ts";

const SHOWN_MS = 5_000;
const MAX_CELLS = 200;
/** The daemon leads its session: a terminal it opens would become its own, and end it. One that is stopped keeps none. */
const RING_FLAGS = constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK;

/** Notices in tmux's status line. */
export function createTmuxNotices(): NoticeAdapter {
  return {
    async isInFront(socket, tty) {
      try {
        const [panes, clients] = await Promise.all([listPanes(socket), listClients(socket)]);
        const pane = panes.find((listed) => listed.tty === tty)?.pane;
        return pane !== undefined && clients.some((client) => client.pane === pane);
      } catch {
        return false;
      }
    },

    async announce(socket, text) {
      // display-message expands formats, and doubling every # is what stops it (tmux facts, measured).
      const plain = plainText(text, { maxCells: MAX_CELLS }).replaceAll("#", "##");
      const clients = await listClients(socket).catch(() => []);
      // Each for itself: one that has just gone keeps nothing from the others.
      await Promise.allSettled(
        clients.map(async ({ tty }) => {
          await runTmux(socket, ["display-message", "-c", tty, "-d", String(SHOWN_MS), plain]);
          await ring(tty);
        }),
      );
    },
  };
}

/** Straight to the person's terminal: a bell in a pane would only mark its window. */
async function ring(tty: string): Promise<void> {
  await using terminal = await open(tty, RING_FLAGS);
  await terminal.write("\u0007");
}
