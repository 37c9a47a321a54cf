import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { waitFor } from "./wait-for.ts";

export interface FoundProcess {
  pid: number;
  command: string;
}

/** Processes, other than this one, with `text` in their command line, environment or (Linux) working folder. */
export async function processesMentioning(text: string): Promise<FoundProcess[]> {
  const found = process.platform === "linux" ? searchProc(text) : await searchPs(text);
  return found.filter(({ pid }) => pid !== process.pid);
}

/** At once: as 300 files read one after the other it takes a tenth of what the thread pool makes of it. */
function searchProc(text: string): FoundProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      // Of the kernel, or a zombie.
      if (command === "") return [];
      const mentions =
        command.includes(text) ||
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(text) ||
        readlinkSync(`/proc/${pid}/cwd`).includes(text);
      return mentions ? [{ pid: Number(pid), command: command.replaceAll("\0", " ").trim() }] : [];
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return [];
    }
  });
}

async function searchPs(text: string): Promise<FoundProcess[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-E", "-o", "pid=,command="], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .filter((line) => line.includes(text))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, "").slice(0, 200) }));
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Between looks at the whole table of processes, in milliseconds: a look costs some. */
const LOOK_AGAIN_MS = 500;

/**
 * Waits for every process that mentions `text` to end, at most until the deadline. Returns those that have not.
 * @param onFound called with those of every look: what ends may have started others.
 */
export async function untilNoneMention(
  text: string,
  deadlineMs: number,
  onFound: (found: readonly FoundProcess[]) => Promise<void> = () => Promise.resolve(),
): Promise<FoundProcess[]> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await processesMentioning(text);
    if (found.length === 0 || performance.now() > deadline) return found;
    await onFound(found);
    const lookAgain = Math.min(deadline, performance.now() + LOOK_AGAIN_MS);
    for (const { pid } of found) await untilGone(pid, lookAgain - performance.now()).catch(() => undefined);
  }
}

/** True while the pid exists and is not a zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // The state follows the name, which is in brackets and may hold any.
    return stat !== "" && !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(")") + 1));
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

/** Waits for the end of a process that somebody else has told to stop. */
export async function untilGone(pid: number, deadlineMs?: number): Promise<void> {
  await waitFor(`process ${pid} to end`, async () => !(await isRunning(pid)), { deadlineMs: deadlineMs ?? 10_000 });
}
