import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * The directory in which Node may keep the code it compiles for a version of pisync: `cache/VERSION` of the
 * state directory. That code is run, so the directory is only given where nobody else can write, inside a state
 * directory that is as private and that this never creates; undefined otherwise. One version's cache replaces
 * another's.
 */
export function compileCacheDirectory(stateDirectory: string, version: string): string | undefined {
  try {
    const cache = join(stateDirectory, "cache");
    const directory = join(cache, version);
    if (!isPrivate(stateDirectory)) return undefined;
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    if (!isPrivate(cache)) return undefined;
    const created = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
    if (created) for (const name of readdirSync(cache)) if (name !== version) removeTree(join(cache, name));
    return isPrivate(directory) ? directory : undefined;
  } catch {
    // It would only have been faster.
    return undefined;
  }
}

/**
 * What makes a Node program that is started with it keep its compiled code there from its first module on. Whoever has
 * chosen a directory for all Node programs keeps it: Node takes it before pisync has a word.
 */
export function compileCacheEnvironment(
  stateDirectory: string,
  version: string,
  env: NodeJS.ProcessEnv = process.env,
): { NODE_COMPILE_CACHE?: string } {
  const chosen = env["NODE_COMPILE_CACHE"];
  if (chosen && !chosen.startsWith(join(stateDirectory, "cache"))) return { NODE_COMPILE_CACHE: chosen };
  const directory = compileCacheDirectory(stateDirectory, version);
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}

function isPrivate(directory: string): boolean {
  const stats = lstatSync(directory);
  return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
