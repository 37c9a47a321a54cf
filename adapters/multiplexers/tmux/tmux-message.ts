import { plainText } from "../../../runtime/sanitise.ts";
import { runTmux } from "./tmux-command.ts";

/** More does not fit into a line. */
const MAX_CELLS = 300;

/**
 * Shows outside text in the status line of one client. display-message expands it as a format and as a time: doubling
 * every # and % is what stops it (measured on 3.3a).
 * @throws TmuxError
 */
export async function showMessage(socket: string, client: string, text: string, shownMs: number): Promise<void> {
  const plain = plainText(text, { maxCells: MAX_CELLS }).replace(/[#%]/g, "$&$&");
  await runTmux(socket, ["display-message", "-c", client, "-d", String(shownMs), "--", plain]);
}
