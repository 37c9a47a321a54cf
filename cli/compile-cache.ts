import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { statePaths } from "../runtime/paths.ts";

/**
 * Lets Node keep the code it compiles for the modules that are loaded from here on, in `cache/VERSION` of the
 * state directory. That code is run, so the cache is only used where nobody else can write, inside a state
 * directory that is as private and that this never creates. One version's cache replaces another's. Without
 * a usable directory nothing happens.
 */
export function enableCompileCache(version: string): void {
  try {
    const { stateDirectory } = statePaths();
    const cache = join(stateDirectory, "cache");
    const directory = join(cache, version);
    if (!isPrivate(stateDirectory)) return;
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    if (!isPrivate(cache)) return;
    const created = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
    if (created) for (const name of readdirSync(cache)) if (name !== version) removeTree(join(cache, name));
    if (isPrivate(directory)) nodeModule.enableCompileCache(directory);
  } catch {
    // It would only have been faster.
  }
}

function isPrivate(directory: string): boolean {
  const stats = lstatSync(directory);
  return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
