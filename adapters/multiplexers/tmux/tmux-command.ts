import { execFile, type ExecFileException } from "node:child_process";
import { lstat } from "node:fs/promises";
import { plainText } from "../../../runtime/sanitise.ts";

/** A server that answers at all does so in milliseconds; one that is stopped never does. */
const ANSWER_MS = 2_000;
/** Far more than the text of a pane with the scrollback that is asked for. */
const MAX_BYTES = 4 * 1024 * 1024;

export type TmuxReason = "not-installed" | "no-server" | "no-target" | "unsafe-socket" | "no-answer" | "refused";

/** Why tmux did not do what it was asked to. The message holds tmux's own words, made plain. */
export class TmuxError extends Error {
  override readonly name = "TmuxError";
  readonly reason: TmuxReason;

  constructor(reason: TmuxReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/**
 * Runs one tmux command (or several, between `;` words) on the server of this socket and returns what it prints: text
 * that others may have chosen. Never starts a server, and asks only one of this user's.
 * @throws TmuxError
 */
export async function runTmux(socket: string, args: readonly string[]): Promise<string> {
  await checkSocket(socket);
  return new Promise((resolve, reject) => {
    // -u: what tmux prints is UTF-8, whatever the locale of a daemon is.
    const argv = ["-u", "-S", socket, ...args];
    const options = { timeout: ANSWER_MS, killSignal: "SIGKILL", maxBuffer: MAX_BYTES, encoding: "utf8" } as const;
    execFile("tmux", argv, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failureOf(error, stderr));
    });
  });
}

/** A socket in somebody else's hands could make the tmux client do as they like. */
async function checkSocket(socket: string): Promise<void> {
  const found = await lstat(socket).catch(() => undefined);
  if (found === undefined) throw new TmuxError("no-server", "There is no tmux server at that socket.");
  if (!found.isSocket() || found.uid !== process.getuid?.()) {
    throw new TmuxError("unsafe-socket", "That is no socket of a tmux server of yours.");
  }
}

function failureOf(error: ExecFileException, stderr: string): TmuxError {
  const said = plainText(stderr, { maxCells: 300 });
  if (error.code === "ENOENT") return new TmuxError("not-installed", "tmux is not on your PATH.", error);
  if (error.killed) return new TmuxError("no-answer", "The tmux server does not answer.", error);
  // The words of tmux 3.2a to 3.5a.
  if (/^(?:no server running|error connecting|lost server|server exited)/.test(said)) {
    return new TmuxError("no-server", said, error);
  }
  if (/^(?:can't find|no such) /.test(said)) return new TmuxError("no-target", said, error);
  return new TmuxError("refused", said || plainText(error.message, { maxCells: 300 }), error);
}
