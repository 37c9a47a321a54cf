import type { Size } from "../../../protocol/session.ts";
import { PisyncError } from "../../../runtime/failure.ts";
import { plainText } from "../../../runtime/sanitise.ts";
import type { PaneAddress } from "../multiplexer-adapter.ts";
import type { PaneProgram, SplitPlace, WorkspaceAdapter } from "../workspace-adapter.ts";
import { socketOf } from "./tmux-adapter.ts";
import { runTmux, TmuxError } from "./tmux-command.ts";
import { listPanes } from "./tmux-tables.ts";

/** Marks the docked pane, and holds its width in cells. */
const WIDTH_OPTION = "@pisync_w";
/** The layout of the window before it was docked to, as an option of the docked pane. */
const LAYOUT_OPTION = "@pisync_layout";
/** Far above what people number their hooks with. */
const SAY_MS = 4_000;
const HOOK = "window-layout-changed[970]";

/**
 * tmux gives every pane its share when a window changes its size, until the docked one has a column. This gives it
 * back its width, inside tmux's own queue: an external command would be too late and loop (tmux facts, measured). A
 * docked pane that is left alone goes.
 */
const KEEP_WIDTH =
  "if-shell -F '#{&&:#{P:#{?@pisync_w,1,}},#{==:#{window_zoomed_flag},0}}' " +
  "{ if-shell -F '#{==:#{window_panes},1}' { kill-pane } " +
  "{ run-shell -C 'resize-pane -t #{P:#{?@pisync_w,#{pane_id},}} -x #{P:#{@pisync_w}}' } }";

/** Ids, numbers and devices only: no outside text. */
const WINDOW_PANES = `#{pane_id} #{pane_last} #{pane_active} #{?${WIDTH_OPTION},docked,plain} #{pane_width} #{pane_height} #{pane_tty}`;
const WINDOW_PANE = /^(%\d+) ([01]?) ([01]?) (docked|plain) (\d+) (\d+) (\/dev\/[!-~]+)$/;

interface WindowPane extends PaneAddress {
  last: boolean;
  active: boolean;
  docked: boolean;
  size: Size;
}

/** The workspace in tmux. What its methods throw is a PisyncError with tmux's own words. */
export function createTmuxWorkspace(): WorkspaceAdapter {
  return {
    ownPane: (environment) => told(() => ownPane(environment)),
    panes: (near) => told(() => panesOf(near)),
    neighbour: (docked) => told(async () => neighbourOf(await windowPanes(docked))),
    docked: (near) => told(async () => (await windowPanes(near)).find((pane) => pane.docked)),
    dock: (near, program, options) => told(() => dock(near, program, options)),
    undock: (docked) => told(() => undock(docked)),
    split: (pane, place, program) => told(() => split(pane, place, program)),
    say: (near, client, text) => told(() => say(near, client, text)),
    focus: ({ socket, pane }) => told(async () => void (await runTmux(socket, ["select-pane", "-t", pane]))),
  };
}

/** display-message expands formats, and doubling every # is what stops it (tmux facts, measured). */
async function say({ socket }: PaneAddress, client: string, text: string): Promise<void> {
  const plain = plainText(text, { maxCells: 300 }).replaceAll("#", "##");
  await runTmux(socket, ["display-message", "-c", client, "-d", String(SAY_MS), plain]);
}

async function ownPane(environment: Readonly<Record<string, string | undefined>>): Promise<PaneAddress | undefined> {
  const [socket, id] = [socketOf(environment), environment["TMUX_PANE"]];
  if (socket === undefined || id === undefined) return undefined;
  return (await panesOf({ socket })).find(({ pane }) => pane === id);
}

async function panesOf({ socket }: Pick<PaneAddress, "socket">): Promise<PaneAddress[]> {
  return (await listPanes(socket)).map(({ pane, tty }) => ({ socket, pane, tty }));
}

async function windowPanes({ socket, pane }: PaneAddress): Promise<WindowPane[]> {
  const text = await runTmux(socket, ["list-panes", "-t", pane, "-F", WINDOW_PANES]);
  return text.split("\n").flatMap((line) => {
    const [, id, last, active, kind, cols, rows, tty] = WINDOW_PANE.exec(line) ?? [];
    if (id === undefined || tty === undefined) return [];
    const size = { cols: Number(cols), rows: Number(rows) };
    return [{ socket, pane: id, tty, last: last === "1", active: active === "1", docked: kind === "docked", size }];
  });
}

function neighbourOf(panes: readonly WindowPane[]): WindowPane | undefined {
  const others = panes.filter(({ docked }) => !docked);
  return others.find(({ active }) => active) ?? others.find(({ last }) => last) ?? others[0];
}

async function dock(
  near: PaneAddress,
  program: PaneProgram,
  { width, focus }: { width: number; focus: boolean },
): Promise<PaneAddress> {
  const { socket, pane } = near;
  const layout = (await runTmux(socket, ["display-message", "-p", "-t", pane, "#{window_layout}"])).trim();
  const where = ["-hbf", ...(focus ? [] : ["-d"]), "-l", String(width), "-t", pane];
  const created = await create(socket, ["split-window", ...where], program);
  const set = (option: string, value: string) => ["set-option", "-p", "-t", created.pane, option, value];
  await runTmux(socket, [...set(WIDTH_OPTION, String(width)), ";", ...set(LAYOUT_OPTION, layout)]);
  await runTmux(socket, ["set-hook", "-g", HOOK, KEEP_WIDTH]);
  return created;
}

/** A window that was given more panes since cannot have its old layout back, and keeps the one it has. */
async function undock({ socket, pane }: PaneAddress): Promise<void> {
  const facts = ["display-message", "-p", "-t", pane, "#{window_id} #{@pisync_layout}"];
  const [, window, layout] = /^(@\d+) ([0-9a-fx,[\]{}]+)$/.exec((await runTmux(socket, facts)).trim()) ?? [];
  await runTmux(socket, ["kill-pane", "-t", pane]);
  if (window === undefined || layout === undefined) return;
  await runTmux(socket, ["select-layout", "-t", window, layout]).catch(() => undefined);
}

async function split({ socket, pane }: PaneAddress, place: SplitPlace, program: PaneProgram): Promise<PaneAddress> {
  if (place !== "window") {
    return create(socket, ["split-window", place === "right" ? "-h" : "-v", "-t", pane], program);
  }
  // new-window refuses a pane where it wants a window.
  const window = (await runTmux(socket, ["display-message", "-p", "-t", pane, "#{window_id}"])).trim();
  return create(socket, ["new-window", "-a", "-t", window], program);
}

/** Words behind the options are run as they are: several of them are no shell command to tmux. */
async function create(socket: string, command: string[], { argv, env = {} }: PaneProgram): Promise<PaneAddress> {
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const [program = "", ...args] = argv;
  // One word alone would be given to a shell.
  const words = args.length === 0 ? ["env", program] : argv;
  const printed = await runTmux(socket, [
    ...command,
    ...variables,
    "-P",
    "-F",
    "#{pane_id} #{pane_tty}",
    "--",
    ...words,
  ]);
  const [, pane, tty] = /^(%\d+) (\/dev\/[!-~]+)$/.exec(printed.trim()) ?? [];
  if (pane === undefined || tty === undefined) throw new TmuxError("refused", "tmux did not say which pane it made.");
  return { socket, pane, tty };
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
