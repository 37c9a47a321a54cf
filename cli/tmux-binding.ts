import type { PaneAddress } from "../adapters/multiplexers/multiplexer-adapter.ts";
import { createTmuxWorkspace } from "../adapters/multiplexers/tmux/tmux-workspace.ts";
import type { WorkspaceAdapter } from "../adapters/multiplexers/workspace-adapter.ts";
import { PisyncError } from "../runtime/failure.ts";
import { errorText } from "../runtime/sanitise.ts";
import { EXIT } from "./output.ts";

/** What a key binding of tmux tells a command: where the key was pressed, and who did. */
export interface BindingOptions {
  /** The id of a pane, e.g. %7. */
  pane?: string;
  /** The terminal of the client, which has no other place for a refusal than its status line. */
  client?: string;
}

/** The pane that is meant: the one named, else the one this runs in. @throws PisyncError. */
export async function paneOf(options: BindingOptions, panes: WorkspaceAdapter): Promise<PaneAddress> {
  const named = options.pane === undefined || options.pane === "" ? {} : { TMUX_PANE: options.pane };
  const pane = await panes.ownPane({ ...process.env, ...named });
  if (pane !== undefined) return pane;
  throw options.pane === undefined
    ? new PisyncError("not-a-terminal", "This needs panes, and this terminal is not in tmux.", {
        next: "In another terminal, use: pisync attach",
      })
    : new PisyncError("no-such-target", "That pane does not exist.", { next: "See what there is: tmux list-panes -a" });
}

/** Runs what a key binding asked for; a refusal is shown to the person who pressed the key. */
export async function fromBinding(options: BindingOptions, run: () => Promise<number>): Promise<number> {
  if (options.client === undefined) return run();
  try {
    return await run();
  } catch (error) {
    const next = error instanceof PisyncError && error.next !== undefined ? ` ${error.next}` : "";
    const text = `pisync: ${errorText(error)}${next}`;
    const panes = createTmuxWorkspace();
    const pane = await paneOf(options, panes).catch(() => undefined);
    if (pane === undefined) throw error;
    await panes.say(pane, options.client, text);
    return EXIT.failed;
  }
}
