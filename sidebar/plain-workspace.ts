import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ExternalTerminal, SessionSummary, Size } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { Workspace } from "./workspace.ts";

export interface PlainParts {
  /** The command that attaches to a session, as words. */
  attachCommand: (session: string) => string[];
  /** Gives this terminal to somebody else for a while. */
  suspend: (child: () => Promise<void>) => Promise<void>;
  viewSize: () => Size;
}

/** One terminal for everything: a session takes the sidebar's place until it is left with the detach key. */
export function createPlainWorkspace({ attachCommand, suspend, viewSize }: PlainParts): Workspace {
  return {
    transient: false,
    leave: () => false,
    viewSize: () => Promise.resolve(viewSize()),
    neighbour: () => Promise.resolve(undefined),
    focus: () => Promise.resolve(false),

    attach: ({ id }: SessionSummary) =>
      suspend(async () => {
        const [program = "", ...args] = attachCommand(id);
        await once(spawn(program, args, { stdio: "inherit" }), "exit");
      }),

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
  };
}
