import type { PaneAddress } from "../multiplexer-adapter.ts";
import { runTmux, TmuxError } from "./tmux-command.ts";

/**
 * Makes a pane that runs this program.
 * @param command the tmux command that makes it, with its options.
 * @param argv the program's words, which no shell reads: tmux gives only a single word to one.
 */
export async function createPane(
  socket: string,
  command: readonly string[],
  argv: readonly string[],
): Promise<PaneAddress> {
  const words = argv.length === 1 ? ["env", ...argv] : argv;
  const printed = await runTmux(socket, [...command, "-P", "-F", "#{pane_id} #{pane_tty}", "--", ...words]);
  const [, pane, tty] = /^(%\d+) (\/dev\/[!-~]+)$/.exec(printed.trim()) ?? [];
  if (pane === undefined || tty === undefined) throw new TmuxError("refused", "tmux did not say which pane it made.");
  return { socket, pane, tty };
}
