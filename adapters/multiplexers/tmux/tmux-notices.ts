import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { NoticeAdapter } from "../notice-adapter.ts";
import { showMessage } from "./tmux-message.ts";
import { listClients, listPanes, listVisible } from "./tmux-tables.ts";

const SHOWN_MS = 5_000;
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

    async visible(socket, ttys) {
      const shown = await listVisible(socket).catch(() => ttys);
      return ttys.filter((tty) => shown.includes(tty));
    },

    async announce(socket, text) {
      const clients = await listClients(socket).catch(() => []);
      // Each for itself: one that has just gone keeps nothing from the others.
      await Promise.allSettled(
        clients.map(async ({ tty }) => {
          await showMessage(socket, tty, text, SHOWN_MS);
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
