import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { askKey } from "../ask-key.ts";
import type { InstallName, InstallPlan, InstallTarget } from "../install/install-target.ts";
import { EXIT, note, print } from "../output.ts";

interface InstallOptions {
  dryRun?: boolean;
  yes?: boolean;
}

type Environment = Record<string, string>;

/** What can be installed; its code is loaded when it is. */
const TARGETS: Readonly<Record<InstallName, (env: Environment) => Promise<InstallTarget>>> = {
  tmux: async (env) => (await import("../install/tmux-target.ts")).tmuxTarget(env),
  shim: async (env) => (await import("../install/shim-target.ts")).shimTarget(env),
  extension: async (env) => (await import("../install/extension-target.ts")).extensionTarget(env),
  completions: async (env) => (await import("../install/completions-target.ts")).completionsTarget(env),
};

/** Puts something of pisync's among the files of another program, after saying so. */
export async function install(name: InstallName, options: InstallOptions): Promise<number> {
  return carryOut(await (await TARGETS[name](process.env as Environment)).planInstall(), options);
}

/** Takes away exactly what `install` put there. */
export async function uninstall(name: InstallName, options: InstallOptions): Promise<number> {
  return carryOut(await (await TARGETS[name](process.env as Environment)).planRemoval(), options);
}

/** Shows the plan, asks where somebody can answer, and does it. A plan that is all that was wanted is the result. */
async function carryOut({ says, apply }: InstallPlan, options: InstallOptions): Promise<number> {
  const isResult = apply === undefined || options.dryRun;
  for (const line of says) (isResult ? print : note)(line);
  if (isResult) return EXIT.done;
  if (!options.yes && process.stdin.isTTY && process.stderr.isTTY && !(await agreed())) {
    note("Nothing was changed.");
    return EXIT.failed;
  }
  print(await apply().catch(notWritten));
  return EXIT.done;
}

/** @throws what was thrown, as a refusal when the system refused. */
function notWritten(cause: unknown): never {
  const { code, path = "the file" } = cause as NodeJS.ErrnoException;
  if (code === undefined || cause instanceof PisyncError) throw cause;
  throw new PisyncError("state-not-writable", `${plainText(path)} could not be changed (${code}).`, {
    next: "Make its folder writable, and try again.",
    facts: { path, reason: code },
    cause,
  });
}

async function agreed(): Promise<boolean> {
  const key = await askKey("Do it? [Y/n] ", ["y", "n", "\r"]);
  note(key === "n" || key === undefined ? "n" : "y");
  return key === "y" || key === "\r";
}
