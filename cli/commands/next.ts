import { createTmuxAdapter } from "../../adapters/multiplexers/tmux/tmux-adapter.ts";
import { createTmuxWorkspace } from "../../adapters/multiplexers/tmux/tmux-workspace.ts";
import type { PaneAddress } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { programPath } from "../../runtime/version.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { elsewhere, nextNeeding, nothingNeeds } from "../next-session.ts";
import { EXIT } from "../output.ts";
import { fromBinding, paneOf, type BindingOptions } from "../tmux-binding.ts";

/** Goes to the next session that waits for an answer, failed, or finished unseen. */
export function next(options: BindingOptions): Promise<number> {
  return fromBinding(options, async () => {
    const panes = createTmuxWorkspace();
    const pane = await paneOf(options, panes);
    // The sidebar shows sessions beside itself.
    const isSidebar = (await panes.docked(pane))?.pane === pane.pane;
    const own = (isSidebar ? (await panes.neighbours(pane))[0] : undefined) ?? pane;
    const client = await connectDaemon();
    const { sessions } = await client.list();
    const session = nextNeeding(sessions, ({ shownOn }) => shownOn?.includes(own.tty) ?? false);
    if (session === undefined) throw nothingNeeds();
    const env = { ...process.env, TMUX_PANE: own.pane };
    const shows = await paneShowing(session, own);
    if (shows !== undefined) {
      await createTmuxAdapter().show(shows, env);
      return EXIT.done;
    }
    if (session.kind === "external") throw elsewhere(session);
    const { outcome } = await client.show({ tty: own.tty, session: session.id });
    if (outcome === "nobody") {
      await panes.split(own, "window", [process.execPath, programPath("pisync"), "workspace-view", session.id]);
    } else if (isSidebar) await panes.focus(own);
    return EXIT.done;
  });
}

async function paneShowing({ shownOn, terminal }: SessionSummary, near: PaneAddress): Promise<PaneAddress | undefined> {
  if (terminal?.tmux !== undefined) return { ...terminal.tmux, tty: terminal.tty };
  const panes = await createTmuxWorkspace().panes(near);
  return panes.find(({ tty }) => shownOn?.includes(tty));
}
