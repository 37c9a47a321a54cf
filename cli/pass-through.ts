import { spawn } from "node:child_process";
import { constants } from "node:os";
import { findProgram } from "../runtime/find-program.ts";
import { withInstallHint } from "./install-hint.ts";

/** Signals that this process alone may get, and that are meant for the program. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGINT"] as const;

/**
 * Runs a program as if pisync were not there: same streams, same environment, signals passed on. Returns its
 * exit code, 128 + n when signal n ended it.
 * @throws PisyncError `program-not-found`.
 */
export async function passThrough(argv: readonly string[]): Promise<number> {
  const [name = "", ...args] = argv;
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const file = await findProgram(name, env, process.cwd()).catch(withInstallHint);
  const child = spawn(file, args, { stdio: "inherit", argv0: name });
  const forward = (signal: NodeJS.Signals) => {
    // From a terminal, ctrl-c and ctrl-\ have reached the program by themselves.
    const typed = (signal === "SIGINT" || signal === "SIGQUIT") && hasTerminal();
    if (!typed) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

function hasTerminal(): boolean {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
