import { homedir } from "node:os";
import { parseArgs } from "node:util";
import { createTmuxAdapter } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import { createTmuxWorkspace } from "../adapters/multiplexers/tmux/tmux-workspace.ts";
import { loadConfig } from "../runtime/config.ts";
import { PisyncError } from "../runtime/failure.ts";
import { statePaths } from "../runtime/paths.ts";
import { errorText } from "../runtime/sanitise.ts";
import { passHangup } from "../runtime/terminal-hangup.ts";
import { programPath } from "../runtime/version.ts";
import { configuredKeys } from "../runtime/keybindings.ts";
import { appearanceFor } from "./marks.ts";
import type { Back } from "./model.ts";
import { createMultiplexerWorkspace } from "./multiplexer-workspace.ts";
import { createPlainWorkspace } from "./plain-workspace.ts";
import { Sidebar } from "./sidebar.ts";
import { SidebarTerminal } from "./terminal.ts";
import type { Workspace } from "./workspace.ts";

/** The sidebar's composition root: the only place that knows which multiplexers there are. */
async function main(): Promise<void> {
  // The pane that it is a popup over; the session that this terminal showed before.
  const { values } = parseArgs({ options: { over: { type: "string" }, from: { type: "string" } } });
  const { keys } = await loadConfig();
  const look = { appearance: appearanceFor(process.env), keys: configuredKeys(keys) };
  const terminal = new SidebarTerminal(look.appearance);
  try {
    const workspace = await workspaceFor(terminal, values.over);
    const places = { cwd: currentDirectory() ?? homedir(), home: homedir() };
    const sidebar = new Sidebar({ terminal, workspace, look, places, back: backFor(values), paths: statePaths() });
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
      process.on(signal, () => {
        passHangup(signal);
        void workspace.reclaim().then(() => sidebar.close());
      });
    }
    await sidebar.run();
  } finally {
    terminal.close();
  }
  process.exit(0);
}

function backFor({ over, from }: { over?: string; from?: string }): Back | undefined {
  if (over !== undefined) return { type: "close" };
  return from === undefined ? undefined : { type: "open", session: from, here: true };
}

/** @param over the pane a popup was opened over. */
async function workspaceFor(terminal: SidebarTerminal, over: string | undefined): Promise<Workspace> {
  const pisync = [process.execPath, programPath("pisync")];
  const attachCommand = (session: string) => [...pisync, "attach", session];
  const viewCommand = (session: string) => [...pisync, "workspace-view", session];
  const size = () => terminal.size;
  const panes = createTmuxWorkspace();
  const own = await panes.ownPane({ ...process.env, ...(over === undefined ? {} : { TMUX_PANE: over }) });
  if (own === undefined) {
    const attachHere = (session: string) => [...attachCommand(session), "--in-sidebar"];
    return createPlainWorkspace({ attachCommand: attachHere, size, suspend: (child) => terminal.suspend(child) });
  }
  const multiplexer = createTmuxAdapter();
  return createMultiplexerWorkspace({
    panes,
    multiplexer,
    own,
    popup: over !== undefined,
    attachCommand,
    viewCommand,
    size,
  });
}

/** Undefined when it has been removed. */
function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`pisync: ${errorText(error)}\n`);
  if (error instanceof PisyncError && error.next !== undefined) process.stderr.write(`  ${error.next}\n`);
  process.exit(1);
});
