#!/usr/bin/env node
import * as nodeModule from "node:module";
import { compileCacheDirectory } from "../runtime/compile-cache.ts";
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
    `pisync: pisync needs Node ${OLDEST_NODE.join(".")} or newer, and the node on your PATH is ${process.versions.node}.\n` +
      `  Install a newer one (https://nodejs.org), or put one that you have first on PATH. In a clone: npm run pisync\n`,
  );
  process.exit(1);
}

try {
  const cache = compileCacheDirectory(statePaths().stateDirectory, __PISYNC_VERSION__);
  if (cache !== undefined) nodeModule.enableCompileCache(cache);
} catch {
  // The program says what is wrong with the state directory.
}
// Not a literal: the bundler has to leave it alone.
const program = new URL("cli.js", import.meta.url).href;
void import(program);
