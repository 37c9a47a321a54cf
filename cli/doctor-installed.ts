import { SESSION_VARIABLE } from "../protocol/session-variables.ts";
import { findProgram } from "../runtime/find-program.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { Observed } from "./doctor-checks.ts";
import { completionFile } from "./install/completions-target.ts";
import { inspectOwnFile, type FoundFile, type OwnFile } from "./install/own-file.ts";
import { shimScript } from "./install/shim-target.ts";
import { userShell } from "./install/user-shell.ts";

type Environment = Record<string, string>;

/** Whether the shim is installed, and what pi means in this terminal. Inside a session that is the real one. */
export async function installedShim(env: Environment): Promise<Observed> {
  const script = shimScript(env);
  const found = await inspectOwnFile(script);
  const observed = describeInstalled(script, found, "pi is the real pi, and pisync pi a session");
  if (found.state !== "current" || env[SESSION_VARIABLE]) return observed;
  const first = await findProgram("pi", env, process.cwd()).catch(() => undefined);
  if (first === script.path) return observed;
  const next = "Open a new terminal, or see that nothing comes before it on PATH.";
  return { verdict: "advice", detail: `${plainText(script.path)} is not first on PATH here`, next };
}

/** Whether the user's shell completes pisync's command line. */
export async function installedCompletion(env: Environment): Promise<Observed> {
  const shell = userShell(env);
  if (shell === undefined) return { verdict: "ok", detail: "none for your shell" };
  return observeInstalled(completionFile(shell, env), `${shell} completes no word of pisync's`);
}

/** Whether something that can be installed is, and as this pisync would. `absent` says what is not so without it. */
export async function observeInstalled(file: OwnFile, absent: string): Promise<Observed> {
  return describeInstalled(file, await inspectOwnFile(file), absent);
}

/** Pure: the same of what was found. */
export function describeInstalled(file: OwnFile, found: FoundFile, absent: string): Observed {
  const shown = plainText(file.path);
  switch (found.state) {
    case "absent":
      return { verdict: "ok", detail: `not installed: ${absent}` };
    case "current":
      return { verdict: "ok", detail: `${found.label.version}, ${shown}` };
    case "outdated": {
      const next = `Bring it up to date with: pisync install ${file.target}`;
      return { verdict: "advice", detail: `${shown} is of pisync ${plainText(found.label.version)}`, next };
    }
    case "foreign":
      return { verdict: "advice", detail: `${shown} is not pisync's`, next: "Move it away if it is not needed." };
  }
}
