import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { ProcessIdentity } from "../protocol/ids.ts";

const run = promisify(execFile);

/** proc(5): the kernel's USER_HZ, 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Two clocks are read together when that took no longer, in milliseconds; tried so often at most. */
const TOGETHER_MS = 10;
const MAX_ATTEMPTS = 10;

/**
 * The identity of a running process: its pid with its start time, so that a reused pid is told apart. A
 * zombie is no longer running. Undefined when there is no such process.
 */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = await (process.platform === "linux" ? linuxStartTime(pid) : psStartTime(pid));
  return startTime === undefined ? undefined : { pid, startTime };
}

/** This process's own identity. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const identity = await identityOf(process.pid);
  if (identity === undefined) throw new Error("the start time of this very process cannot be read");
  return identity;
}

/** True while that very process runs: not merely one with the same pid. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.startTime === identity.startTime;
}

/**
 * When that process began, in milliseconds since the epoch: within some 20 ms, on macOS within a second. It need not
 * run any more.
 */
export function startInstantOf({ startTime }: ProcessIdentity): number {
  if (process.platform !== "linux") return Date.parse(`${startTime} UTC`);
  return Math.round(bootInstant() + (Number.parseInt(startTime, 10) / TICKS_PER_SECOND) * 1000);
}

/**
 * Both clocks at once, and again when others had the core in between: on a busy machine that was up to 0.3 s, by which
 * a process seemed younger than it is.
 */
function bootInstant(): number {
  for (let attempt = 1; ; attempt += 1) {
    const before = Date.now();
    // proc_uptime(5) counts time asleep, as start times do.
    const secondsSinceBoot = Number.parseFloat(readFileSync("/proc/uptime", "latin1"));
    if (Date.now() - before <= TOGETHER_MS || attempt === MAX_ATTEMPTS) return before - secondsSinceBoot * 1000;
  }
}

/**
 * Sends a signal to exactly that process. False when it had ended.
 * @throws a system error (`EPERM`) when it belongs to someone else.
 */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/**
 * proc(5): fields 3 (state) and 22 (start time in ticks since boot) of /proc/<pid>/stat; the second field is
 * the program's name in parentheses and may itself hold spaces and parentheses. Ticks start again with each
 * boot while leases stay on disk, so the boot's id is part of the start time.
 */
async function linuxStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const ticks = fields[19];
  if (ticks === undefined || state === "Z" || state === "X") return undefined;
  return `${ticks}@${await bootId()}`;
}

let knownBootId: Promise<string> | undefined;

function bootId(): Promise<string> {
  knownBootId ??= readFile("/proc/sys/kernel/random/boot_id", "latin1").then(
    (id) => id.slice(0, 8),
    () => "unknown",
  );
  return knownBootId;
}

/** macOS has no /proc; `ps` is the documented way, here with a fixed locale and time zone. */
async function psStartTime(pid: number): Promise<string | undefined> {
  try {
    const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
    const { stdout } = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { env });
    const [, state, startTime] = /^\s*(\S+)\s+(.*\S)\s*$/m.exec(stdout) ?? [];
    return state === undefined || state.startsWith("Z") ? undefined : startTime;
  } catch {
    return undefined;
  }
}
