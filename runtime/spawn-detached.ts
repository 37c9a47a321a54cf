import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Readable } from "node:stream";

const REPORT_DEADLINE_MS = 15_000;
/** Longest report: a session record with a long command line fits. */
const MAX_REPORT_BYTES = 4 * 1024 * 1024;

export interface SpawnOptions {
  args?: string[];
  /** The whole environment of the new process. */
  env: Record<string, string>;
  /** Written to its standard input, which then ends. */
  stdin?: string;
  /** Gives it a pipe as descriptor 3 for one line; see `SpawnedProcess.report`. */
  report?: boolean;
  /** Where its own output goes (crash traces), appended; nowhere when it cannot be opened. */
  logFile: string;
  /** Options for Node itself, before the script. */
  nodeOptions?: string[];
}

export interface SpawnedProcess {
  readonly pid: number;
  /** The first line on descriptor 3; undefined when it closed without one, or said nothing for 15 s. */
  readonly report: Promise<string | undefined>;
  /** Ends this very process, and only it. */
  kill(): void;
}

/**
 * Starts a Node program that outlives this process: a session of its own, no terminal, nothing inherited but
 * what is named here.
 * @throws a system error when it cannot be started.
 */
export async function spawnDetached(scriptPath: string, options: SpawnOptions): Promise<SpawnedProcess> {
  const output = openOutput(options.logFile);
  try {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", ...(options.nodeOptions ?? []), scriptPath, ...(options.args ?? [])],
      {
        cwd: "/",
        env: options.env,
        detached: true,
        stdio: [
          options.stdin === undefined ? "ignore" : "pipe",
          output ?? "ignore",
          output ?? "ignore",
          options.report ? "pipe" : "ignore",
        ],
      },
    );
    await started(child);
    child.unref();
    writeInput(child, options.stdin);
    return { pid: child.pid as number, report: firstLine(child), kill: () => void child.kill("SIGKILL") };
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

/** A program that ends before it has read its input shows in the report; the broken pipe says nothing more. */
function writeInput(child: ChildProcess, input: string | undefined): void {
  if (child.stdin === null) return;
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
}

function firstLine(child: ChildProcess): Promise<string | undefined> {
  const pipe = child.stdio[3] as Readable | null | undefined;
  if (!pipe) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const end = text.indexOf("\n");
      resolve(end === -1 ? undefined : text.slice(0, end));
      clearTimeout(deadline);
      pipe.destroy();
    };
    const deadline = setTimeout(finish, REPORT_DEADLINE_MS);
    pipe.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (chunk.includes(10) || bytes > MAX_REPORT_BYTES) finish();
    });
    pipe.once("error", finish);
    pipe.once("close", finish);
  });
}

function openOutput(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  } catch {
    return undefined;
  }
}
