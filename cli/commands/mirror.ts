import type { PisyncClient } from "../../client/pisync-client.ts";
import type { PaneAddress } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import { createTmuxWorkspace } from "../../adapters/multiplexers/tmux/tmux-workspace.ts";
import type { SplitPlace } from "../../adapters/multiplexers/workspace-adapter.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { programPath } from "../../runtime/version.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT } from "../output.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";
import { fromBinding, paneOf, type BindingOptions } from "../tmux-binding.ts";

export interface MirrorOptions extends TargetFilters, BindingOptions {
  below?: boolean;
  window?: boolean;
}

/** A further view of a session, in a new pane of tmux beside this one. */
export function mirror(target: string | undefined, options: MirrorOptions): Promise<number> {
  return fromBinding(options, async () => {
    const panes = createTmuxWorkspace();
    const pane = await paneOf(options, panes);
    const client = await connectDaemon();
    const query = targetQuery(target, options, { env: {}, kind: "live" });
    const session = namesSession(query) ? await client.target(query) : await shownIn(pane, client);
    const place: SplitPlace = options.window ? "window" : options.below ? "below" : "right";
    await panes.split(pane, place, [process.execPath, programPath("pisync"), "attach", session.id]);
    return EXIT.done;
  });
}

async function shownIn({ tty }: PaneAddress, client: PisyncClient): Promise<SessionSummary> {
  const { sessions } = await client.list();
  const shown = sessions.find(({ shownOn }) => shownOn?.includes(tty));
  if (shown !== undefined) return shown;
  throw new PisyncError("no-such-target", "This pane shows no session of pisync.", {
    next: "Go to one that does, or name the session: pisync mirror TARGET",
  });
}
