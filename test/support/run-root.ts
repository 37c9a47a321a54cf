import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Everything a test run creates lies under one folder, and its name is what the leak check looks for in
 * processes. Directly under /tmp, because a socket path must fit in 103 bytes and macOS's own temporary
 * folder uses half of that.
 */
const PREFIX = join(realpathSync("/tmp"), "pst-");

/**
 * Carries the run from vitest's main process to its workers. Only the random part of the folder's name:
 * the workers must not look like processes of the run themselves.
 */
const RUN_VARIABLE = "TEST_RUN";

/**
 * Makes the run's folder; called once, before the workers start. The process's exit removes it, also when the
 * run is interrupted.
 */
export function createRunRoot(): string {
  const folder = mkdtempSync(PREFIX);
  process.env[RUN_VARIABLE] = folder.slice(PREFIX.length);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Where the programs that tests start keep their compiled code, pi among them: it is half of what a daemon costs to
 * start, and the same for every test.
 */
export function sharedCompileCache(): string {
  return join(runRoot(), "compile-cache");
}

/** The folder of the present run. Outside vitest (a benchmark) the first use makes one. */
export function runRoot(): string {
  const run = process.env[RUN_VARIABLE];
  return run === undefined ? createRunRoot() : PREFIX + run;
}
