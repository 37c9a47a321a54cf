import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { Workspace } from "./workspace.ts";

export interface PlainParts {
  /** The command that attaches to a session, as words. */
  attachCommand: (session: string) => string[];
  /** Gives this terminal to somebody else for a while. */
  suspend: (child: () => Promise<void>) => Promise<void>;
  size: () => Size;
}

/** What a view says when it ends is a sentence or two. */
const MAX_SAID = 1_000;

/** One terminal for everything: a session takes the sidebar's place until it is left with the detach key. */
export function createPlainWorkspace({ attachCommand, suspend, size }: PlainParts): Workspace {
  let view: ChildProcess | undefined;
  return {
    transient: false,
    around: () => Promise.resolve([]),
    viewSize: () => Promise.resolve(size()),
    focus: () => Promise.resolve(false),

    async attach({ id }: SessionSummary) {
      let said = "";
      await suspend(async () => {
        const [program = "", ...args] = attachCommand(id);
        const child = spawn(program, args, { stdio: ["inherit", "inherit", "pipe"] });
        view = child;
        child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(0, MAX_SAID)));
        await once(child, "close");
        view = undefined;
      });
      // On the terminal itself nobody could read it: the sidebar is back there at once.
      if (said !== "") throw new PisyncError("internal", said.replace(/^pisync: /, ""));
      return undefined;
    },

    jump: ({ tty, tmux }: ExternalTerminal) =>
      Promise.resolve(
        tmux === undefined
          ? `It runs in ${tty}`
          : `It runs in tmux: tmux -S ${tmux.socket} attach-session -t ${tmux.pane}`,
      ),

    mirror: () => {
      throw new PisyncError("not-a-terminal", "A mirror needs a second pane, and this terminal has one.", {
        next: "Run pisync in tmux, or attach in another terminal.",
      });
    },

    async reclaim() {
      if (view === undefined) return;
      view.kill();
      await once(view, "close");
    },

    leave: () => Promise.resolve(),
  };
}
