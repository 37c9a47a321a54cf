import { closeSync, openSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { collectGarbage, limitHeapGrowth } from "../runtime/idle-memory.ts";
import { loadAddon } from "./pty.ts";

/**
 * Loads all that a host ever loads, so that its launch waits for nothing and an upgrade meanwhile takes nothing
 * away, and gives back what loading left behind.
 */
export async function loadAhead(): Promise<void> {
  loadAddon();
  await import("./serving.ts");
  flushCompileCache();
  limitHeapGrowth();
  collectGarbage();
  // Last: who finds it by that name finds one that takes a launch at once.
  process.title = "pisync spare host";
}

/**
 * Makes `file` the standard output and error of this process, which had the daemon's. open(2) gives the lowest free
 * descriptor, and nothing else of this process opens one meanwhile. Without the file they go nowhere.
 */
export function moveOutput(file: string): void {
  for (const descriptor of [1, 2]) {
    closeSync(descriptor);
    if (!opens(file)) opens("/dev/null");
  }
}

function opens(path: string): boolean {
  try {
    openSync(path, "a", 0o600);
    return true;
  } catch {
    return false;
  }
}
