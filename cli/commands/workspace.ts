import { createTmuxWorkspace } from "../../adapters/multiplexers/tmux/tmux-workspace.ts";
import type { PaneAddress } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import { loadConfig } from "../../runtime/config.ts";
import { findProgram } from "../../runtime/find-program.ts";
import { programPath } from "../../runtime/version.ts";
import { become } from "../become.ts";
import { EXIT } from "../output.ts";
import { passThrough } from "../pass-through.ts";
import { fromBinding, paneOf, type BindingOptions } from "../tmux-binding.ts";
import { requireTerminal } from "../view/terminal.ts";

/** The tmux session that `pisync` opens where there is no tmux yet. */
const TMUX_SESSION = "pisync";

/**
 * `pisync` on a terminal: the sidebar docked beside the view of a session. In tmux in this window, outside of it
 * in a tmux session of its own, and full screen where there is no tmux. Run again, it goes to what is there.
 */
export async function workspace(): Promise<number> {
  requireTerminal(process.env, "To see the sessions without one, use: pisync list");
  const panes = createTmuxWorkspace();
  const own = await panes.ownPane(process.env);
  if (own === undefined) return outsideTmux();
  if (await focusSidebar(own)) return EXIT.done;
  await dock(own);
  // This pane is where sessions are shown from now on.
  return become([process.execPath, programPath("pisync"), "workspace-view"]);
}

/** Gives the focus to the sidebar docked to this pane's window, or docks one; nothing outside of tmux. */
export async function showSidebar(): Promise<void> {
  const own = await createTmuxWorkspace().ownPane(process.env);
  if (own !== undefined && !(await focusSidebar(own))) await dock(own);
}

/** False when none is docked to the window of that pane. */
async function focusSidebar(near: PaneAddress): Promise<boolean> {
  const panes = createTmuxWorkspace();
  const docked = await panes.docked(near);
  if (docked !== undefined) await panes.focus(docked);
  return docked !== undefined;
}

export interface SidebarOptions extends BindingOptions {
  /** The pane that it is a popup over. */
  over?: string;
  /** The session that this terminal showed: Esc goes back there. */
  from?: string;
  toggle?: boolean;
}

/** The sidebar alone in this terminal, or with `toggle` docked to a window of tmux, or no longer. */
export async function sidebar(options: SidebarOptions): Promise<number> {
  if (options.toggle) return fromBinding(options, () => toggle(options));
  requireTerminal(process.env, "To see the sessions without one, use: pisync list");
  const place = (["over", "from"] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  return become([...sidebarCommand(), ...place]);
}

async function toggle(options: BindingOptions): Promise<number> {
  const panes = createTmuxWorkspace();
  const pane = await paneOf(options, panes);
  const docked = await panes.docked(pane);
  if (docked === undefined) await dock(pane);
  else await panes.undock(docked);
  return EXIT.done;
}

async function dock(near: PaneAddress): Promise<void> {
  const { sidebarWidth } = await loadConfig();
  await createTmuxWorkspace().dock(near, sidebarCommand(), { width: sidebarWidth });
}

async function outsideTmux(): Promise<number> {
  const tmux = await findProgram("tmux", { PATH: process.env.PATH ?? "" }, process.cwd()).catch(() => undefined);
  if (tmux === undefined) return sidebar({});
  return passThrough([tmux, "new-session", "-A", "-s", TMUX_SESSION, process.execPath, programPath("pisync")]);
}

/** The words that run the sidebar. V8's young generation is small: a larger one is 10 MB that nothing comes of. */
export function sidebarCommand(): [string, ...string[]] {
  return [process.execPath, "--max-semi-space-size=1", programPath("sidebar")];
}
