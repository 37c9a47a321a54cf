import { spawn } from "node:child_process";
import { findProgram } from "../../runtime/find-program.ts";
import { plainText } from "../../runtime/sanitise.ts";
import type { Notification } from "./notifications.ts";

/** A user's command, or notify-send, that hangs is ended. */
const COMMAND_MS = 10_000;

type Environment = Record<string, string>;

/** Shows the text on the desktop, where there is one. */
export async function notifyDesktop(text: string, env: Environment): Promise<void> {
  if (process.platform === "darwin") {
    // The text is an argument of the script, never a part of it.
    const script = ["on run argv", 'display notification (item 1 of argv) with title "pisync"', "end run"];
    return run("osascript", [...script.flatMap((line) => ["-e", line]), text], env);
  }
  if (env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return;
  const program = await findProgram("notify-send", env, "/").catch(() => undefined);
  if (program !== undefined) await run(program, ["--app-name=pisync", "--", "pisync", text], env);
}

/** Runs the user's command, if there is one, with what happened in its environment (docs/cli.md, Notifications). */
export async function runNotificationCommand(
  [program, ...args]: readonly string[],
  { kind, session }: Notification,
  text: string,
  env: Environment,
): Promise<void> {
  if (program === undefined) return;
  const { id, title, cwd, conversation } = session;
  const facts = {
    PISYNC_EVENT: kind,
    PISYNC_SESSION_ID: id,
    PISYNC_TITLE: plainText(title),
    PISYNC_CWD: cwd,
    PISYNC_TEXT: text,
    ...(conversation === undefined ? {} : { PISYNC_CONVERSATION: conversation.id }),
  };
  // No value of an environment can hold one.
  const values = Object.entries(facts).map(([name, value]) => [name, value.replaceAll("\0", "")]);
  await run(program, args, { ...env, ...(Object.fromEntries(values) as Environment) });
}

/** Runs a program to its end. @throws when it cannot be started. */
async function run(program: string, args: readonly string[], env: Environment): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: "ignore", timeout: COMMAND_MS, killSignal: "SIGKILL" });
    child.once("error", reject);
    child.once("exit", () => resolve());
  });
}
