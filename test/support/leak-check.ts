import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { signal, untilNoneMention } from "./processes.ts";
import { createRunRoot, sharedCompileCache } from "./run-root.ts";

/** What tests have just closed may take this long to be gone, in milliseconds. */
const ENDING_MS = 5_000;

/**
 * vitest's global setup: makes the run's folder before the tests. Afterwards it fails the run, with a list,
 * if a process of the run is alive or anything (a world, a socket, tmux's too) is left in the folder, and
 * cleans up in either case.
 */
export default function setup(): () => Promise<void> {
  const root = createRunRoot();
  return async () => {
    const processes = await untilNoneMention(root, ENDING_MS);
    await rm(sharedCompileCache(), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    const entries = await readdir(root, { recursive: true });
    for (const { pid } of processes) signal(pid, "SIGKILL");
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    const left = [
      ...processes.map(({ pid, command }) => `process ${pid}: ${command}`),
      ...entries.slice(0, 50).map((entry) => join(root, entry)),
    ];
    if (left.length > 0) throw new Error(`the tests left behind:\n${left.map((line) => `  ${line}`).join("\n")}`);
  };
}
