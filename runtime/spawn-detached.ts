import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Readable } from "node:stream";

const REPORT_DEADLINE_MS = 15_000;
/** Longest report: a session record with a long command line fits. */
const MAX_REPORT_CHARACTERS = 4 * 1024 * 1024;
const REPORT = /^\n*([^\n]+)\n/;

export interface SpawnOptions {
  args?: string[];
  /** The whole environment of the new process. */
  env: Record<string, string>;
  /** Gives it a pipe as standard input, for `SpawnedProcess.send`. */
  stdin?: boolean;
  /** Gives it a pipe as descriptor 3 for one line; see `SpawnedProcess.report`. */
  report?: boolean;
  /** Where its own output goes (crash traces), appended; nowhere when it cannot be opened. */
  logFile: string;
  /** Options for Node itself, before the script. */
  nodeOptions?: string[];
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /**
   * The first line with text on descriptor 3; undefined when it closed without one, or said nothing for 15 s
   * after its start, or after `send` when it has a standard input.
   */
  readonly report: Promise<string | undefined>;
  /** True once it has written an empty line before its report, and false when it has not and never will. */
  readonly acknowledged: Promise<boolean>;
  /** Writes its standard input, all of it. */
  send(input: string): void;
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
          options.stdin ? "pipe" : "ignore",
          output ?? "ignore",
          output ?? "ignore",
          options.report ? "pipe" : "ignore",
        ],
      },
    );
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await started(child);
    child.unref();
    return { pid: child.pid as number, ended, ...talkWith(child), kill: () => void child.kill("SIGKILL") };
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

function talkWith(child: ChildProcess): Pick<SpawnedProcess, "report" | "acknowledged" | "send"> {
  const { stdin } = child;
  const pipe = (child.stdio[3] ?? undefined) as Readable | undefined;
  const report = Promise.withResolvers<string | undefined>();
  const acknowledged = Promise.withResolvers<boolean>();
  let text = "";
  let deadline: NodeJS.Timeout | undefined;
  const finish = () => {
    clearTimeout(deadline);
    acknowledged.resolve(false);
    report.resolve(REPORT.exec(text)?.[1]);
    pipe?.destroy();
  };
  const awaitReport = () => (deadline = setTimeout(finish, REPORT_DEADLINE_MS));
  pipe?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    if (text.startsWith("\n")) acknowledged.resolve(true);
    if (REPORT.test(text) || text.length > MAX_REPORT_CHARACTERS) finish();
  });
  for (const event of ["error", "close"]) pipe?.once(event, finish);
  // A program that ends before it has read its input shows in the report; the broken pipe says nothing more.
  stdin?.on("error", () => undefined);
  if (pipe === undefined) finish();
  else if (stdin === null) awaitReport();
  return {
    report: report.promise,
    acknowledged: acknowledged.promise,
    send(input) {
      stdin?.end(input);
      if (pipe?.destroyed === false) awaitReport();
    },
  };
}

function openOutput(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  } catch {
    return undefined;
  }
}
