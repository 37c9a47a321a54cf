import { isAbsolute } from "node:path";
import { PisyncError } from "../../../runtime/failure.ts";
import type { MultiplexerAdapter, PaneAddress, PaneText, Shown } from "../multiplexer-adapter.ts";
import { runTmux, TmuxError, type TmuxReason } from "./tmux-command.ts";
import { clientOf, listClients, listPanes } from "./tmux-tables.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a lookup cannot tell apart from a pane that does not exist, and need not. */
const NOTHING_THERE: readonly TmuxReason[] = ["not-installed", "no-server", "no-target", "unsafe-socket"];

/** tmux, as far as pi's own terminals need it: which pane is it, what does it show, and show it to me. */
export function createTmuxAdapter(): MultiplexerAdapter {
  return { paneOf, capture, show };
}

/** A process can have moved to another terminal, and its server can be another one by now: only the device decides. */
async function paneOf(environment: Environment, tty: string): Promise<PaneAddress | undefined> {
  const socket = socketOf(environment);
  if (socket === undefined) return undefined;
  const panes = await unlessGone(() => listPanes(socket));
  const found = panes?.find((pane) => pane.tty === tty);
  return found && { socket, pane: found.pane, tty };
}

/**
 * One call, so that the pane cannot become another one between the look and the capture. `-t` alone would not do: in
 * some commands an id that does not exist silently means another pane.
 */
async function capture(
  { socket, pane, tty }: PaneAddress,
  { scrollback }: { scrollback: number },
): Promise<PaneText | undefined> {
  if (!/^%\d+$/.test(pane)) return undefined;
  const target = ["-t", pane];
  const look = ["display-message", "-p", ...target, "#{pane_id} #{pane_tty} #{alternate_on}"];
  const visible = `capture-pane -p -J -t ${pane}`;
  const text = ["if-shell", "-F", ...target, "#{alternate_on}", visible, `${visible} -S -${scrollback}`];
  const answer = await unlessGone(() => runTmux(socket, [...look, ";", ...text]));
  const head = /^.*\n/.exec(answer ?? "")?.[0] ?? "";
  const fullScreen = head === `${pane} ${tty} 1\n`;
  if (answer === undefined || (!fullScreen && head !== `${pane} ${tty} 0\n`)) return undefined;
  return { text: answer.slice(head.length), fullScreen };
}

async function show(address: PaneAddress, environment: Environment): Promise<Shown> {
  try {
    return await select(address, environment);
  } catch (error) {
    if (!(error instanceof TmuxError)) throw error;
    if (NOTHING_THERE.includes(error.reason)) return { outcome: "gone" };
    throw new PisyncError("timed-out", `tmux did not show the pane: ${error.message}`, {
      next: "Look whether tmux still works in that terminal, and try again.",
      facts: { pane: address.pane, socket: address.socket },
      cause: error,
    });
  }
}

async function select({ socket, pane, tty }: PaneAddress, environment: Environment): Promise<Shown> {
  const [panes, clients] = await Promise.all([listPanes(socket), listClients(socket)]);
  if (!panes.some((listed) => listed.pane === pane && listed.tty === tty)) return { outcome: "gone" };
  const from = socketOf(environment) === socket ? environment["TMUX_PANE"] : undefined;
  const own = from === undefined ? undefined : clientOf(from, clients, panes);
  if (own) {
    await runTmux(socket, ["switch-client", "-Z", "-c", own.tty, "-t", pane]);
    return { outcome: "shown", terminal: own.tty, here: true };
  }
  await runTmux(socket, ["select-window", "-t", pane, ";", "select-pane", "-Z", "-t", pane]);
  const other = clientOf(pane, clients, panes);
  if (other) return { outcome: "shown", terminal: other.tty, here: false };
  return { outcome: "unattended", attach: ["tmux", "-S", socket, "attach-session", "-t", pane] };
}

/** tmux(1): TMUX is the server's socket, its pid and a session, separated by commas. */
export function socketOf(environment: Environment): string | undefined {
  const socket = /^(.+),\d+,\d+$/s.exec(environment["TMUX"] ?? "")?.[1];
  return socket !== undefined && isAbsolute(socket) ? socket : undefined;
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TmuxError) return undefined;
    throw error;
  }
}
