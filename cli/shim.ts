#!/usr/bin/env node
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { statePaths } from "../runtime/paths.ts";

/**
 * The published `pisync`: refuses a Node that is too old in words it can still print, switches Node's compile
 * cache on, and hands over to the program. It is parsed by old Nodes, so it stays small and plain.
 */
declare const __PISYNC_VERSION__: string;

const OLDEST_NODE = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `pisync: This is Node ${process.versions.node}, and pisync needs ${OLDEST_NODE.join(".")} or newer.\n` +
      `  Install a newer Node (https://nodejs.org), or run pisync with the one you have under another name.\n`,
  );
  process.exit(1);
}

const cache = compileCacheDirectory();
if (cache !== undefined) nodeModule.enableCompileCache(cache);
// Not a literal: the bundler has to leave it alone.
const program = new URL("cli.js", import.meta.url).href;
void import(program);

/**
 * Compiled code is run, so the cache is only used in a directory nobody else can write to, inside a state
 * directory that is as private; it is never what creates that. One version's cache replaces another's.
 */
function compileCacheDirectory(): string | undefined {
  try {
    const { stateDirectory } = statePaths();
    const directory = join(stateDirectory, "cache");
    const versions = join(directory, __PISYNC_VERSION__);
    if (!isPrivate(stateDirectory)) return undefined;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isPrivate(directory)) return undefined;
    if (mkdirSync(versions, { recursive: true, mode: 0o700 }) !== undefined) removeAllBut(directory);
    return isPrivate(versions) ? versions : undefined;
  } catch {
    return undefined;
  }
}

function isPrivate(directory: string): boolean {
  const stats = lstatSync(directory);
  return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

function removeAllBut(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name !== __PISYNC_VERSION__) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
