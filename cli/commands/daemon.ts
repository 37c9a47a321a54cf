import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ensureDaemon, findDaemon, stopDaemon } from "../../runtime/ensure-daemon.ts";
import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import { statePaths } from "../../runtime/paths.ts";
import { age } from "../../runtime/short-forms.ts";
import { EXIT, print, withProgress } from "../output.ts";

export async function startDaemon(): Promise<number> {
  const daemon = await withProgress("Starting the pisync daemon", ensureDaemon(statePaths()));
  print(`The daemon ${daemon.version} runs as process ${daemon.pid}.`);
  return EXIT.done;
}

export async function stop(): Promise<number> {
  const stopped = await stopIfRunning();
  print(
    stopped
      ? "The daemon has stopped. Live sessions go on; the next command starts it again."
      : "No daemon was running.",
  );
  return EXIT.done;
}

export async function restart(): Promise<number> {
  await stopIfRunning();
  return startDaemon();
}

/** False when there was none. */
function stopIfRunning(): Promise<boolean> {
  return withProgress("Stopping the pisync daemon", stopDaemon(statePaths()));
}

/** Starts nothing. Exit code 1 when there is no daemon. */
export async function status(options: { json?: boolean }): Promise<number> {
  const daemon = await findDaemon(statePaths());
  if (options.json) print(JSON.stringify({ schemaVersion: 1, running: daemon !== undefined, ...daemon }));
  else if (daemon === undefined) print("No daemon is running. The next command that needs it starts it.");
  else {
    print(`The daemon ${daemon.version} runs as process ${daemon.pid}, for ${age(Date.now() - daemon.startedAt)}.`);
    print(`live sessions  ${daemon.liveSessions}`);
    print(`state          ${daemon.stateDirectory}`);
    print(`socket         ${daemon.socket}`);
  }
  return daemon === undefined ? EXIT.failed : EXIT.done;
}

const MAX_LOG_BYTES = 256 * 1024;

/** The last lines of the daemon's log, JSON lines as they are. */
export function logs(options: { lines: string }): number {
  const wanted = /^\d{1,6}$/.test(options.lines) ? Number(options.lines) : 0;
  if (wanted === 0) {
    throw new PisyncError(
      "usage",
      `The value of --lines, ${JSON.stringify(options.lines)}, is not a number of lines.`,
      {
        next: "Try: pisync daemon logs --lines 50",
      },
    );
  }
  for (const line of lastLines(statePaths().logFile("daemon"), wanted)) print(line);
  return EXIT.done;
}

function lastLines(file: string, wanted: number): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
    const read = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString("utf8", 0, read).split("\n").slice(0, -1);
    // The first line is cut off when the file is longer than what was read.
    return (size > tail.length ? lines.slice(1) : lines).slice(-wanted);
  } finally {
    closeSync(descriptor);
  }
}
