import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { askKey } from "../ask-key.ts";
import type { InstallPlan, InstallTarget } from "../install/install-target.ts";
import { EXIT, note, print } from "../output.ts";

interface InstallOptions {
  dryRun?: boolean;
  yes?: boolean;
}

/** What can be installed, and what it is for. */
export const INSTALL_TARGETS = {
  extension: async (env: Record<string, string>): Promise<InstallTarget> => {
    return (await import("../install/extension-target.ts")).extensionTarget(env);
  },
  shim: async (env: Record<string, string>): Promise<InstallTarget> => {
    return (await import("../install/shim-target.ts")).shimTarget(env);
  },
  tmux: async (env: Record<string, string>): Promise<InstallTarget> => {
    return (await import("../install/tmux-target.ts")).tmuxTarget(env);
  },
};

/** Puts something of pisync's among the files of another program, after saying so. */
export async function install(name: string, options: InstallOptions): Promise<number> {
  return carryOut(await (await targetNamed(name)).planInstall(), options);
}

/** Takes away exactly what `install` put there. */
export async function uninstall(name: string, options: InstallOptions): Promise<number> {
  return carryOut(await (await targetNamed(name)).planRemoval(), options);
}

async function targetNamed(name: string): Promise<InstallTarget> {
  const names = Object.keys(INSTALL_TARGETS);
  if (!(name in INSTALL_TARGETS)) {
    throw new PisyncError("usage", `There is nothing called ${plainText(name, { maxCells: 80 })} to install.`, {
      next: `There is: ${names.join(", ")}`,
    });
  }
  return INSTALL_TARGETS[name as keyof typeof INSTALL_TARGETS](process.env as Record<string, string>);
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
  process.stderr.write("Do it? [Y/n] ");
  const key = await askKey(["y", "n", "\r"]);
  note(key === "n" || key === undefined ? "n" : "y");
  return key === "y" || key === "\r";
}
