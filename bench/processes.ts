import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** In MiB. */
export interface Memory {
  /** Resident now. */
  rss: number;
  /** Its own pages and its share of those it has in common with other processes; Linux only. */
  pss?: number;
  /** The largest RSS so far; Linux only. */
  peak?: number;
}

const KIB_A_MIB = 1024;
/** Linux counts processor time in these, whatever the machine (USER_HZ). */
const TICK_MS = 10;

export async function memoryOf(pid: number): Promise<Memory> {
  if (process.platform !== "linux") return { rss: Number(await ps(pid, "rss=")) / KIB_A_MIB };
  const [rollup, status] = await Promise.all([
    readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  const field = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / KIB_A_MIB;
  return { rss: field(rollup, "Rss"), pss: field(rollup, "Pss"), peak: field(status, "VmHWM") };
}

/** Processor time a process has used so far, user and system, in milliseconds. */
export async function processorTimeOf(pid: number): Promise<number> {
  if (process.platform !== "linux") return parseTime(await ps(pid, "time="));
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, field 2, is in parentheses and may hold anything; fields 14 and 15 are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function ps(pid: number, field: string): Promise<string> {
  return (await promisify(execFile)("ps", ["-o", field, "-p", String(pid)])).stdout.trim();
}

/** `[[hours:]minutes:]seconds.hundredths` as ps prints it, in milliseconds. */
function parseTime(text: string): number {
  return text.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1000;
}
