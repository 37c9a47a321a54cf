import { execFile } from "node:child_process";
import { basename } from "node:path";
import { identityOf, startInstantOf } from "../../runtime/process-identity.ts";
import { environmentOf, MAX_ANCESTORS, type ProcessDetails, type ProcessTable } from "./process-table.ts";

/** ps and lsof of macOS, with a fixed language and time zone. */
const ENVIRONMENT = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C", TZ: "UTC" };
const ANSWER_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** One line of ps. */
interface Row {
  pid: number;
  parent: number;
  /** E.g. ttys003; `??` without one. */
  tty: string;
  /** ps(1): begins with T when stopped, and has a `+` in the foreground. */
  state: string;
  command: string;
}

/** macOS has no /proc: one `ps` of the user's processes a look, and `ps -E` and `lsof` for one that is new. */
export function createDarwinProcessTable(name: string): ProcessTable {
  let rows = new Map<number, Row>();

  return {
    async pids() {
      rows = parseRows(await run("ps", ["-xww", "-o", "pid=,ppid=,tty=,stat=,command="]));
      return [...rows.values()].filter(({ command }) => basename(command.split(" ", 1)[0] ?? "") === name).map(pidOf);
    },
    async details(pid, variables) {
      const row = rows.get(pid);
      return row && (await detailsOf(row, rows, variables).catch(() => undefined));
    },
  };
}

async function detailsOf(
  row: Row,
  rows: ReadonlyMap<number, Row>,
  variables: readonly string[],
): Promise<ProcessDetails | undefined> {
  const pid = String(row.pid);
  const [files, withEnvironment, identity] = await Promise.all([
    run("lsof", ["-a", "-p", pid, "-d", "cwd,0,1", "-Fn"]),
    run("ps", ["-Eww", "-o", "command=", "-p", pid]),
    identityOf(row.pid),
  ]);
  const open = parseOpenFiles(files);
  const cwd = open.get("cwd");
  if (identity === undefined || cwd === undefined) return undefined;
  const device = `/dev/${row.tty}`;
  const ancestors = ancestorsOf(row, rows);
  return {
    process: identity,
    startedAt: startInstantOf(identity),
    ancestors,
    sharesProgram: undefined,
    // The first one on this terminal: ps does not tell who leads a session.
    leader: ancestors.findLast((ancestor) => rows.get(ancestor)?.tty === row.tty) ?? row.pid,
    tty: ["0", "1"].every((file) => [device, "/dev/tty"].includes(open.get(file) ?? "")) ? device : undefined,
    foreground: row.state.includes("+"),
    stopped: row.state.startsWith("T"),
    cwd,
    argv: row.command.split(" "),
    // Behind the command, separated by blanks: a value is known up to its first blank only.
    environment: environmentOf(variables, (variable) => {
      return new RegExp(` ${variable}=(\\S*)`).exec(withEnvironment.slice(row.command.length))?.[1];
    }),
  };
}

/** Lines of ps with the columns pid, ppid, tty, stat and command. */
export function parseRows(text: string): Map<number, Row> {
  const rows = new Map<number, Row>();
  for (const line of text.split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match === null) continue;
    const [pid, parent, tty = "", state = "", command = ""] = match.slice(1);
    rows.set(Number(pid), { pid: Number(pid), parent: Number(parent), tty, state, command });
  }
  return rows;
}

/** lsof(8), output for programs: a line `f<descriptor>`, then one `n<name>`. */
export function parseOpenFiles(text: string): Map<string, string> {
  const files = new Map<string, string>();
  let descriptor = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("f")) descriptor = line.slice(1);
    else if (line.startsWith("n")) files.set(descriptor, line.slice(1));
  }
  return files;
}

function ancestorsOf(row: Row, rows: ReadonlyMap<number, Row>): number[] {
  const ancestors: number[] = [];
  for (let pid = row.parent; pid > 1 && ancestors.length < MAX_ANCESTORS; pid = rows.get(pid)?.parent ?? 0) {
    ancestors.push(pid);
  }
  return ancestors;
}

function pidOf({ pid }: Row): number {
  return pid;
}

/** What a program prints; its exit code says nothing here (lsof exits 1 for a file that is not open). */
function run(file: string, args: readonly string[]): Promise<string> {
  const options = { env: ENVIRONMENT, timeout: ANSWER_MS, maxBuffer: MAX_BYTES, encoding: "utf8" } as const;
  return new Promise((resolve) => execFile(file, args, options, (_error, stdout) => resolve(stdout)));
}
