import type { Size } from "../../../protocol/session.ts";
import { runTmux } from "./tmux-command.ts";
import { IS_DOCKED } from "./tmux-dock.ts";

/** A pane in one of the sessions that show it. */
export interface TmuxPane {
  session: string;
  pane: string;
  tty: string;
}

/** A terminal attached to the server. */
export interface TmuxClient {
  tty: string;
  session: string;
  /** The pane that is active in what it shows. */
  pane: string;
  /** When it was last used, in seconds. */
  activity: number;
}

/** A pane of a window, the sidebar's too. */
export interface WindowPane {
  pane: string;
  tty: string;
  size: Size;
  /** It is the sidebar's. */
  docked: boolean;
  /** The smaller, the more recently used, as far as tmux says. */
  rank: 0 | 1 | 2;
}

/** Ids, numbers and devices only, none of which holds a blank: text that people choose has no safe separator. */
const PANES = "#{session_id} #{pane_id} #{pane_dead} #{pane_tty}";
const CLIENTS = "#{client_control_mode} #{client_activity} #{session_id} #{pane_id} #{client_tty}";

/** Of one that is linked into several sessions there is a line for each. */
const SHOWN = "#{session_attached} #{window_active} #{window_zoomed_flag} #{pane_active} #{pane_tty}";
const OF_WINDOW = `#{pane_id} #{pane_active} #{pane_last} #{?${IS_DOCKED},docked,plain} #{pane_width} #{pane_height} #{pane_tty}`;

const PANE = /^(\$\d+) (%\d+) 0? (\/dev\/[!-~]+)$/;
const CLIENT = /^0? (\d+) (\$\d+) (%\d+) (\/dev\/[!-~]+)$/;
const WINDOW_PANE = /^(%\d+) ([01]?) ([01]?) (docked|plain) (\d+) (\d+) (\/dev\/[!-~]+)$/;

/** Every pane with a live program; a pane whose window is linked into several sessions comes once for each. */
export async function listPanes(socket: string): Promise<TmuxPane[]> {
  return parsePanes(await runTmux(socket, ["list-panes", "-a", "-F", PANES]));
}

/** The panes of the window that this one is in. */
export async function listWindow(socket: string, pane: string): Promise<WindowPane[]> {
  return parseWindow(await runTmux(socket, ["list-panes", "-t", pane, "-F", OF_WINDOW]));
}

/** The terminals of the panes that a client shows, active or not. */
export async function listVisible(socket: string): Promise<string[]> {
  return parseVisible(await runTmux(socket, ["list-panes", "-a", "-F", SHOWN]));
}

/** Every terminal attached to the server, without programs in control mode. */
export async function listClients(socket: string): Promise<TmuxClient[]> {
  return parseClients(await runTmux(socket, ["list-clients", "-F", CLIENTS]));
}

/** Lines of any other shape are left out. */
export function parsePanes(text: string): TmuxPane[] {
  return text.split("\n").flatMap((line) => {
    const [, session, pane, tty] = PANE.exec(line) ?? [];
    return session && pane && tty ? [{ session, pane, tty }] : [];
  });
}

export function parseWindow(text: string): WindowPane[] {
  return text.split("\n").flatMap((line) => {
    const [, pane, active, last, kind, cols, rows, tty] = WINDOW_PANE.exec(line) ?? [];
    if (pane === undefined || tty === undefined) return [];
    const rank = active === "1" ? 0 : last === "1" ? 1 : 2;
    return [{ pane, tty, size: { cols: Number(cols), rows: Number(rows) }, docked: kind === "docked", rank }];
  });
}

export function parseVisible(text: string): string[] {
  return text.split("\n").flatMap((line) => /^[1-9]\d* 1 (?:0 [01]|1 1) (\/dev\/[!-~]+)$/.exec(line)?.[1] ?? []);
}

export function parseClients(text: string): TmuxClient[] {
  return text.split("\n").flatMap((line) => {
    const [, activity, session, pane, tty] = CLIENT.exec(line) ?? [];
    return session && pane && tty ? [{ tty, session, pane, activity: Number(activity) }] : [];
  });
}

/**
 * The terminal of somebody who works in this pane: one in which it is active, else one that shows its session, the one
 * used last of several. Undefined when nobody sees that session.
 */
export function clientOf(
  pane: string,
  clients: readonly TmuxClient[],
  panes: readonly TmuxPane[],
): TmuxClient | undefined {
  const sessions = new Set(panes.filter((listed) => listed.pane === pane).map(({ session }) => session));
  const rank = (client: TmuxClient) => (client.pane === pane ? 1 : 0);
  return clients
    .filter(({ session }) => sessions.has(session))
    .sort((a, b) => rank(b) - rank(a) || b.activity - a.activity)[0];
}
