import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { open, readFile, readlink, stat } from "node:fs/promises";
import { identityOf, startInstantOf } from "../../runtime/process-identity.ts";
import { environmentOf, MAX_ANCESTORS, type ProcessDetails, type ProcessTable } from "./process-table.ts";

/** A process that has been there for so many looks is looked at again in turns, as many looks for all of them. */
const YOUNG_LOOKS = 8;
const TURNS = 16;
/** Longer environments and command lines are cut. */
const MAX_BYTES = 1024 * 1024;

/**
 * Names are read synchronously: 6 µs each (27 in a process that has just woken up), where a read through the thread
 * pool takes 50, and unlike other files of /proc they never wait for the process that they are about.
 */
export function createLinuxProcessTable(name: string): ProcessTable {
  const wanted = `${name}\n`;
  const buffer = Buffer.alloc(64);
  const known = new Map<number, { hasName: boolean; since: number }>();
  let looks = 0;

  function hasName(pid: number): boolean {
    try {
      const file = openSync(`/proc/${pid}/comm`, "r");
      try {
        return buffer.toString("latin1", 0, readSync(file, buffer)) === wanted;
      } finally {
        closeSync(file);
      }
    } catch {
      return false;
    }
  }

  return {
    pids({ thorough }) {
      const present = new Set(readdirSync("/proc").map(Number).filter(Number.isInteger));
      looks += 1;
      for (const pid of known.keys()) if (!present.has(pid)) known.delete(pid);
      for (const pid of present) {
        const { since = looks } = known.get(pid) ?? {};
        const isDue = looks - since < YOUNG_LOOKS || pid % TURNS === looks % TURNS;
        if (thorough || isDue) known.set(pid, { hasName: hasName(pid), since });
      }
      return Promise.resolve([...present].filter((pid) => known.get(pid)?.hasName));
    },
    details: (pid, variables) => detailsOf(pid, variables).catch(() => undefined),
  };
}

/** @throws a system error when the process ends meanwhile, or may not be looked into. */
async function detailsOf(pid: number, variables: readonly string[]): Promise<ProcessDetails | undefined> {
  if ((await userOf(pid)) !== process.getuid?.()) return undefined;
  const status = await statusOf(pid);
  const [tty, cwd, sharesProgram, argv, environ, ancestors] = await Promise.all([
    terminalOf(pid, status.terminal),
    folderOf(pid),
    areOneProgram(pid, status.parent),
    readHead(`/proc/${pid}/cmdline`),
    readHead(`/proc/${pid}/environ`),
    ancestorsOf(status.parent),
  ]);
  // All of the above was about this process only if the pid still has the start time it had before.
  const identity = await identityOf(pid);
  if (identity?.startTime.startsWith(`${status.startTicks}@`) !== true) return undefined;
  const strings = environ.split("\0");
  return {
    process: identity,
    startedAt: startInstantOf(identity),
    ancestors,
    sharesProgram,
    leader: status.session,
    tty,
    foreground: status.group === status.terminalGroup,
    stopped: status.state === "T",
    cwd,
    argv: argv.replace(/\0+$/, "").split("\0"),
    environment: environmentOf(variables, (variable) => {
      const found = strings.find((string) => string.startsWith(`${variable}=`));
      return found?.slice(variable.length + 1);
    }),
  };
}

/** proc_pid_status(5). The owner of the folder would not do: it is root for a process that has changed its user. */
async function userOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1");
  return Number(/^Uid:\t(\d+)\t/m.exec(status)?.[1]);
}

interface ProcessStatus {
  state: string;
  parent: number;
  group: number;
  session: number;
  /** The device number of the controlling terminal; 0 without one. */
  terminal: number;
  terminalGroup: number;
  startTicks: number;
}

/** proc(5): /proc/<pid>/stat; its second field is a name in parentheses that may hold any characters. */
async function statusOf(pid: number): Promise<ProcessStatus> {
  const line = await readFile(`/proc/${pid}/stat`, "latin1");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [parent = 0, group = 0, session = 0, terminal = 0, terminalGroup = 0] = fields.slice(1, 6).map(Number);
  return { state: fields[0] ?? "", parent, group, session, terminal, terminalGroup, startTicks: Number(fields[19]) };
}

/**
 * The controlling terminal's device, when it is where the process reads and writes. It must be that very device here
 * too: in a container the same name can be another terminal.
 */
async function terminalOf(pid: number, number: number): Promise<string | undefined> {
  const tty = deviceName(number);
  if (tty === undefined) return undefined;
  const links = await Promise.all([0, 1].map((file) => readlink(`/proc/${pid}/fd/${file}`)));
  if (!links.every((link) => link === tty || link === "/dev/tty")) return undefined;
  const file = links.indexOf(tty);
  if (file === -1) return tty;
  const [its, ours] = await Promise.all([stat(`/proc/${pid}/fd/${file}`), stat(tty)]);
  return its.dev === ours.dev && its.ino === ours.ino ? tty : undefined;
}

/** proc(5) and the kernel's devices.txt: major 136 to 143 are pseudo-terminals, 4 the consoles. */
function deviceName(number: number): string | undefined {
  const major = (number >> 8) & 0xfff;
  const minor = (number & 0xff) | ((number >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `/dev/pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor < 64 ? `/dev/tty${minor}` : undefined;
}

/** The link of a removed folder ends in ` (deleted)`, which is not part of its name. */
async function folderOf(pid: number): Promise<string> {
  const path = await readlink(`/proc/${pid}/cwd`);
  const removed = path.endsWith(" (deleted)") && (await stat(path).catch(() => undefined)) === undefined;
  return removed ? path.slice(0, -" (deleted)".length) : path;
}

async function areOneProgram(...pids: [number, number]): Promise<boolean | undefined> {
  const links = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => undefined)));
  return links.includes(undefined) ? undefined : links[0] === links[1];
}

async function ancestorsOf(parent: number): Promise<number[]> {
  const ancestors: number[] = [];
  for (let pid = parent; pid > 1 && ancestors.length < MAX_ANCESTORS;) {
    ancestors.push(pid);
    pid = (await statusOf(pid).catch(() => undefined))?.parent ?? 0;
  }
  return ancestors;
}

/** The beginning of a file whose size is not known before. Cut bytes of a character at its end do not matter. */
async function readHead(path: string): Promise<string> {
  await using file = await open(path);
  const chunks: Buffer[] = [];
  for (let length = 0; length < MAX_BYTES;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16 * 1024));
    if (bytesRead === 0) break;
    length += bytesRead;
    chunks.push(buffer.subarray(0, bytesRead));
  }
  return Buffer.concat(chunks).toString("utf8");
}
