import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { PisyncError } from "./failure.ts";
import { plainText } from "./sanitise.ts";

/** What execvp(3) searches when PATH is not set. */
const DEFAULT_PATH = "/bin:/usr/bin";

/**
 * The absolute path that a shell in `cwd` with this environment would run for `name`: a name with a slash is a
 * path, any other is looked up on PATH, where an empty entry means `cwd`.
 * @throws PisyncError `program-not-found`.
 */
export async function findProgram(name: string, env: Record<string, string>, cwd: string): Promise<string> {
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : (env.PATH ?? DEFAULT_PATH).split(":").map((directory) => resolve(cwd, directory, name));
  for (const candidate of name === "" ? [] : candidates) {
    if (await isExecutableFile(candidate)) return candidate;
  }
  const shown = plainText(name, { maxCells: 200 });
  throw new PisyncError(
    "program-not-found",
    name.includes("/") ? `There is no program ${shown} that can be run.` : `The program ${shown} is not on your PATH.`,
    {
      next: shown === "pi" ? "Install pi, or give its full path." : "Install it, or give its full path.",
      facts: { program: shown },
    },
  );
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
