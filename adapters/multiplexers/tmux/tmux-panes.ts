import type { PaneAddress } from "../multiplexer-adapter.ts";
import { runTmux, TmuxError } from "./tmux-command.ts";

/**
 * What a program in a new pane shares with this one, so that it is of the same pisync and finds the same pi: else it
 * has the environment of the tmux server. No secrets, because arguments can be read.
 */
const SHARED = ["PATH", "PISYNC_STATE_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "PI_CODING_AGENT_DIR", "NO_COLOR"];

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
  const shared = SHARED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : ["-e", `${name}=${value}`];
  });
  const words = argv.length === 1 ? ["env", ...argv] : argv;
  const printed = await runTmux(socket, [...command, ...shared, "-P", "-F", "#{pane_id} #{pane_tty}", "--", ...words]);
  const [, pane, tty] = /^(%\d+) (\/dev\/[!-~]+)$/.exec(printed.trim()) ?? [];
  if (pane === undefined || tty === undefined) throw new TmuxError("refused", "tmux did not say which pane it made.");
  return { socket, pane, tty };
}
