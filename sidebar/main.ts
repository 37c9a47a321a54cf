import { parseArgs } from "node:util";
import * as z from "zod";
import type { PaneAddress } from "../adapters/multiplexers/multiplexer-adapter.ts";
import { createTmuxAdapter } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import { createTmuxWorkspace } from "../adapters/multiplexers/tmux/tmux-workspace.ts";
import { loadConfig } from "../runtime/config.ts";
import { PisyncError } from "../runtime/failure.ts";
import { statePaths } from "../runtime/paths.ts";
import { errorText } from "../runtime/sanitise.ts";
import { programPath } from "../runtime/version.ts";
import { configuredKeys } from "./keybindings.ts";
import type { Appearance } from "./marks.ts";
import { createMultiplexerWorkspace } from "./multiplexer-workspace.ts";
import { createPlainWorkspace } from "./plain-workspace.ts";
import { Sidebar } from "./sidebar.ts";
import { SidebarTerminal } from "./terminal.ts";
import type { Workspace } from "./workspace.ts";

/** The sidebar's composition root: the only place that knows which multiplexers there are. */
async function main(): Promise<void> {
  z.config({ jitless: true });
  const { values } = parseArgs({ options: { over: { type: "string" } } });
  const { keys } = await loadConfig();
  const appearance = appearanceFor(process.env);
  const sidebar = new Sidebar({
    keys: configuredKeys(keys),
    appearance,
    paths: statePaths(),
    terminal: (handlers) => new SidebarTerminal(appearance, handlers),
    workspace: (terminal) => workspaceFor(terminal, values.over),
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, () => sidebar.close());
  await sidebar.start();
  await sidebar.closed;
  process.exit(0);
}

/** @param over the pane a popup was opened over. */
async function workspaceFor(terminal: SidebarTerminal, over: string | undefined): Promise<Workspace> {
  const pisync = [process.execPath, programPath("pisync")];
  const attachCommand = (session: string) => [...pisync, "attach", session];
  const viewSize = () => terminal.size;
  const panes = createTmuxWorkspace();
  const own = await panes.ownPane({ ...process.env, ...(over === undefined ? {} : { TMUX_PANE: over }) });
  if (own === undefined) {
    return createPlainWorkspace({ attachCommand, viewSize, suspend: (child) => terminal.suspend(child) });
  }
  const multiplexer = createTmuxAdapter();
  const overPane = over === undefined ? undefined : own;
  const undockCommand = ({ pane }: PaneAddress) => [...pisync, "sidebar", "--toggle", "--pane", pane];
  return createMultiplexerWorkspace({
    panes,
    multiplexer,
    own,
    over: overPane,
    attachCommand,
    undockCommand,
    viewSize,
  });
}

/** https://no-color.org; a locale that is not UTF-8 gets ASCII. */
function appearanceFor(env: NodeJS.ProcessEnv): Appearance {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return { colour: !env.NO_COLOR, unicode: env.TMUX !== undefined || /utf-?8/i.test(locale) };
}

main().catch((error: unknown) => {
  process.stderr.write(`pisync: ${errorText(error)}\n`);
  if (error instanceof PisyncError && error.next !== undefined) process.stderr.write(`  ${error.next}\n`);
  process.exit(1);
});
