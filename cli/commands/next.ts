import { createTmuxAdapter } from "../../adapters/multiplexers/tmux/tmux-adapter.ts";
import { createTmuxWorkspace } from "../../adapters/multiplexers/tmux/tmux-workspace.ts";
import type { PaneAddress } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { needsMe } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { programPath } from "../../runtime/version.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT } from "../output.ts";
import { fromBinding, paneOf, type BindingOptions } from "../tmux-binding.ts";

/** Goes to the next session that waits for an answer, failed, or finished unseen. */
export function next(options: BindingOptions): Promise<number> {
  return fromBinding(options, async () => {
    const panes = createTmuxWorkspace();
    const own = await paneOf(options, panes);
    const client = await connectDaemon();
    const { sessions } = await client.list();
    const session = nextAfter(sessions, own.tty);
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
      await panes.split(own, "window", [process.execPath, programPath("pisync"), "attach", session.id]);
    }
    return EXIT.done;
  });
}

/** Of those that need somebody the one behind the one shown here, in the order of the list, and round. */
function nextAfter(sessions: readonly SessionSummary[], tty: string): SessionSummary | undefined {
  const here = sessions.findIndex(({ shownOn }) => shownOn?.includes(tty));
  const others = [...sessions.slice(here + 1), ...sessions.slice(0, Math.max(here, 0))];
  return others.find(needsMe);
}

async function paneShowing({ shownOn, terminal }: SessionSummary, near: PaneAddress): Promise<PaneAddress | undefined> {
  if (terminal?.tmux !== undefined) return { ...terminal.tmux, tty: terminal.tty };
  const panes = await createTmuxWorkspace().panes(near);
  return panes.find(({ tty }) => shownOn?.includes(tty));
}

function nothingNeeds(): PisyncError {
  return new PisyncError("no-such-target", "No session needs you.", { next: "See them all with: pisync list" });
}

function elsewhere({ title, terminal }: SessionSummary): PisyncError {
  return new PisyncError(
    "external-session",
    `${title} runs outside of tmux in ${terminal?.tty ?? "another terminal"}.`,
    {
      next: "Go to that terminal.",
    },
  );
}
