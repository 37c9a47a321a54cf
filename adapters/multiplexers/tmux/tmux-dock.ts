import { PisyncError } from "../../../runtime/failure.ts";
import { plainText } from "../../../runtime/sanitise.ts";
import type { PaneAddress } from "../multiplexer-adapter.ts";
import { runTmux, TmuxError } from "./tmux-command.ts";
import { createPane } from "./tmux-panes.ts";

/** Options of the docked pane: its width in cells, which also marks it. */
const WIDTH_OPTION = "@pisync_w";
/** The layout of its window before it was docked. */
const LAYOUT_OPTION = "@pisync_layout";
/** The pane that was active last, as far as the hooks saw. */
const ACTIVE_OPTION = "@pisync_active";

/** A format that is true for the docked pane. */
export const IS_DOCKED = WIDTH_OPTION;

const HOOKS = ["window-layout-changed", "window-pane-changed"] as const;
/** Far above what people number their hooks with; the next free number when it is taken all the same. */
const FIRST_INDEX = 970;

/**
 * Starts a program in a pane of this width, on the left of the window and as high as that, and goes there. It has the
 * directory of the pane beside it.
 */
export async function dock(
  { socket, pane }: PaneAddress,
  argv: readonly string[],
  { width }: { width: number },
): Promise<PaneAddress> {
  const show = HOOKS.flatMap((hook) => [";", "show-hooks", "-g", hook]);
  const facts = ["display-message", "-p", "-t", pane, "#{version} #{window_layout}"];
  const [first = "", ...hooks] = (await runTmux(socket, [...facts, ...show])).split("\n");
  const [version = "", layout = ""] = first.split(" ");
  if (isTooOld(version)) throw tooOld(version);
  const split = ["split-window", "-hbf", "-l", String(width), "-c", "#{pane_current_path}", "-t", pane];
  const created = await createPane(socket, split, argv);
  const set = (option: string, value: string) => ["set-option", "-p", "-t", created.pane, option, value, ";"];
  await runTmux(socket, [
    ...set(WIDTH_OPTION, String(width)),
    ...set(LAYOUT_OPTION, layout),
    ...set(ACTIVE_OPTION, created.pane),
    ...keepingHooks(freeIndex(hooks)),
  ]);
  return created;
}

/** Before 3.2 the commands of a hook cannot be formats (`run-shell -C`). What is no number is newer, or OpenBSD's. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) < 3 || (Number(major) === 3 && Number(minor) < 2);
}

function tooOld(version: string): PisyncError {
  const shown = plainText(version, { maxCells: 20 });
  return new PisyncError("not-a-terminal", `A docked sidebar needs tmux 3.2 or newer, and this is ${shown}.`, {
    next: "Show it in a pane of its own with: pisync sidebar",
  });
}

/**
 * Takes the docked pane away. In one call, because it may be the caller's own pane. A window that was given more panes
 * since cannot have its old layout back, and keeps the one it has.
 */
export async function undock({ socket, pane }: PaneAddress): Promise<void> {
  const facts = ["display-message", "-p", "-t", pane, `#{window_id} #{${LAYOUT_OPTION}}`];
  const [, window, layout] = /^(@\d+) ([0-9a-fx,[\]{}]+)$/.exec((await runTmux(socket, facts)).trim()) ?? [];
  const restore = window === undefined || layout === undefined ? [] : [";", "select-layout", "-t", window, layout];
  await runTmux(socket, ["kill-pane", "-t", pane, ...restore]).catch((error: unknown) => {
    if (!(error instanceof TmuxError) || error.reason !== "refused") throw error;
  });
}

/**
 * The first number at which none of these hooks belongs to somebody else.
 * @param shown what `show-hooks` printed, line by line; ours name the option that marks the docked pane.
 */
export function freeIndex(shown: readonly string[]): number {
  const taken = new Set(
    shown.filter((line) => !line.includes(WIDTH_OPTION)).map((line) => Number(/^[a-z-]+\[(\d+)\]/.exec(line)?.[1])),
  );
  let index = FIRST_INDEX;
  while (taken.has(index)) index += 1;
  return index;
}

/** What a format says of the docked pane in the window that a hook is about. Empty where there is none. */
const ofDocked = (format: string) => `#{P:#{?${WIDTH_OPTION},${format},}}`;
const DOCKED = ofDocked("#{pane_id}");
const WIDTH = ofDocked(`#{${WIDTH_OPTION}}`);
const FOCUSED = ofDocked("#{pane_active}");
const ACTIVE_BEFORE = ofDocked(`#{${ACTIVE_OPTION}}`);
const ACTIVE_NOW = "#{P:#{?pane_active,#{pane_id},}}";
const EDGES = ofDocked("#{pane_at_left}#{pane_at_top}#{pane_at_bottom}");
/** The first pane of the window that is not docked. */
const OTHER = `#{s/ .*//:#{P:#{?${WIDTH_OPTION},,#{pane_id} }}}`;
/** The focus is on the docked pane, and where it was before is gone: nobody chose to go there. */
const FELL_INTO = `#{&&:${FOCUSED},#{&&:${ACTIVE_BEFORE},#{?#{m:*${ACTIVE_BEFORE} *,#{P:#{pane_id} }},0,1}}}`;

/**
 * Both hooks do the same, inside tmux's own queue: a command from outside would be too late, and loop (measured).
 *
 * - tmux gives every pane its share when a window changes its size, until the docked one has a column: it gets its
 *   width back. Some layouts take it from its place: it is joined again, with the focus where it was.
 * - When a pane ends, the one used before it gets the focus. That is not the docked one, in which the next letters
 *   typed would be commands.
 * - Alone in its window it goes. When it was the last of the server, the hooks go.
 *
 * A pane that ends while it is active has its change of layout reported for another window (tmux 3.3a), which is why
 * one hook alone is not enough.
 */
function keepingHooks(index: number): string[] {
  const names = HOOKS.map((hook) => `${hook}[${index}]`);
  const keep = [
    when(`#{!=:${EDGES},111}`, run(`join-pane -hbf#{?${FOCUSED},,d} -l ${WIDTH} -s ${DOCKED} -t ${OTHER}`)),
    run(`resize-pane -t ${DOCKED} -x ${WIDTH}`),
    when(FELL_INTO, run(`select-pane -R -t ${DOCKED}`)),
    run(`set-option -p -t ${DOCKED} ${ACTIVE_OPTION} ${ACTIVE_NOW}`),
  ].join(" ; ");
  const body = [
    when(`#{&&:${WIDTH},#{?window_zoomed_flag,0,1}}`, when("#{==:#{window_panes},1}", "kill-pane", keep)),
    when(`#{S:#{W:${WIDTH}}}`, "", names.map((name) => `set-hook -gu '${name}'`).join(" ; ")),
  ].join(" ; ");
  return names.flatMap((name, position) => [...(position > 0 ? [";"] : []), "set-hook", "-g", name, body]);
}

/** @param condition a format without single quotes. */
function when(condition: string, then: string, otherwise = ""): string {
  return `if-shell -F '${condition}' { ${then} } { ${otherwise} }`;
}

/** A command whose words are formats. */
function run(command: string): string {
  return `run-shell -C '${command}'`;
}
