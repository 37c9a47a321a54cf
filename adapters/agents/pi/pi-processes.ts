import { resolve } from "node:path";
import type { ProcessIdentity } from "../../../protocol/ids.ts";
import { isAlive } from "../../../runtime/process-identity.ts";
import type { AgentProcess, ProcessAdapter } from "../process-adapter.ts";
import { createDarwinProcessTable } from "../process-table-darwin.ts";
import { createLinuxProcessTable } from "../process-table-linux.ts";
import type { ProcessDetails } from "../process-table.ts";
import { readsKeys } from "../terminal-mode.ts";
import { readPiArguments } from "./arguments.ts";
import { recognisePi } from "./command-line.ts";
import { conversationRootsOf } from "./conversation-roots.ts";
import { textSinceStart } from "./pi-screen.ts";

/**
 * What every pi calls itself (`process.title`; 0.73.1, 0.87.1, 1.5.2). It overwrites the arguments with it, so whether
 * it is interactive shows in other ways.
 */
const PI_NAME = "pi";

/** Says where a process runs, whose it is, and where its conversations are. */
const VARIABLES = ["HOME", "TMUX", "TMUX_PANE", "PISYNC_SESSION", "PI_CODING_AGENT_DIR", "PI_CODING_AGENT_SESSION_DIR"];

/** What is younger may be in the middle of its start. */
const NEWBORN_MS = 1_000;
/** A pi that is not interactive yet is looked at again at every look while it is young, later only now and then. */
const YOUNG_MS = 10_000;
const SELDOM_MS = 16_000;

/** An interactive pi, with what tells it from the wrappers around it. */
type FoundProcess = AgentProcess & Pick<ProcessDetails, "ancestors">;

interface KnownProcess {
  readonly process: ProcessIdentity;
  /** Present once it is known to be interactive; that never changes again. */
  readonly found?: FoundProcess | undefined;
  readonly lookAgainAt: number;
}

/**
 * Finds interactive pi processes. `home` is the home directory of the user this is for: a pi with another one keeps its
 * conversations elsewhere, in another world (a sandbox, a test), and does not count.
 */
export function createPiProcesses({ home }: { home: string }): ProcessAdapter {
  const table = process.platform === "linux" ? createLinuxProcessTable(PI_NAME) : createDarwinProcessTable(PI_NAME);
  const known = new Map<number, KnownProcess>();
  const vouched = new Map<number, ProcessIdentity>();

  /** `named` are all that are called pi. */
  async function lookAt(pid: number, named: ReadonlySet<number>, thorough: boolean): Promise<FoundProcess | undefined> {
    const before = known.get(pid);
    const spared = before && (before.found !== undefined || (!thorough && Date.now() < before.lookAgainAt));
    if (spared && (await isAlive(before.process))) return before.found;
    const details = await table.details(pid, VARIABLES);
    if (details === undefined) {
      known.delete(pid);
      vouched.delete(pid);
      return undefined;
    }
    const { process, startedAt } = details;
    const found = (await counts(details, named)) ? await foundProcess(details) : undefined;
    const lookAgainAt = Date.now() - startedAt < YOUNG_MS ? 0 : Date.now() + SELDOM_MS;
    known.set(pid, { process, found, lookAgainAt });
    return found;
  }

  async function counts(details: ProcessDetails, named: ReadonlySet<number>): Promise<boolean> {
    if (vouched.get(details.process.pid)?.startTime === details.process.startTime) return true;
    const [parent] = details.ancestors;
    const inPi = parent !== undefined && named.has(parent);
    // The copy that a pi makes of itself to start another program.
    if (inPi && details.sharesProgram) return false;
    // It may have become that program since its name was read. And in the middle of exec it has no environment yet.
    const unsettled = inPi || details.environment["HOME"] === undefined;
    if (unsettled && Date.now() - details.startedAt < NEWBORN_MS) return false;
    return resolve(details.environment["HOME"] ?? home) === resolve(home) && (await isInteractive(details));
  }

  return {
    async look({ thorough = false } = {}) {
      const interactive = [...known].filter(([, { found }]) => found !== undefined).map(([pid]) => pid);
      const pids = new Set([...(await table.pids({ thorough })), ...vouched.keys(), ...interactive]);
      for (const pid of known.keys()) if (!pids.has(pid)) known.delete(pid);
      const looks = await Promise.all([...pids].map((pid) => lookAt(pid, pids, thorough)));
      return innermost(looks.filter((found) => found !== undefined)).sort((a, b) => a.startedAt - b.startedAt);
    },
    sinceStart: textSinceStart,
    vouch(process) {
      vouched.set(process.pid, process);
      if (known.get(process.pid)?.found === undefined) known.delete(process.pid);
    },
  };
}

/**
 * pi that draws its screen sets its terminal so that it gets every key; one that prints (`-p`, subcommands) or speaks to
 * a program (`--mode`) leaves it collecting lines, and one whose input or output is no terminal prints. Whoever is in the
 * foreground is who set the terminal. One that was stopped before anybody looked is taken for interactive, as is one
 * whose terminal may not be looked at: a pi too many is listed rather than a conversation written by two.
 * `pi config` draws a screen as well and cannot be told apart.
 */
async function isInteractive(details: ProcessDetails): Promise<boolean> {
  if (details.tty === undefined || !mayBeInteractive(details.argv)) return false;
  if (details.stopped) return true;
  return details.foreground && (await readsKeys(details.tty)) !== false;
}

/** A pi whose runtime keeps the arguments visible (one compiled into a single program) can be told by them. */
function mayBeInteractive(argv: readonly string[]): boolean {
  const pi = recognisePi(argv);
  return pi === undefined || readPiArguments(argv.slice(pi.argsIndex)).interactive;
}

async function foundProcess(details: ProcessDetails): Promise<FoundProcess | undefined> {
  const { process, startedAt, cwd, tty, leader, environment, ancestors } = details;
  if (tty === undefined) return undefined;
  const conversationRoots = await conversationRootsOf({ cwd, env: { ...environment } });
  return { process, startedAt, cwd, tty, leader, environment, ancestors, conversationRoots };
}

/** Without wrappers of the same name around another one on the same terminal. */
function innermost(found: readonly FoundProcess[]): FoundProcess[] {
  const wraps = (outer: FoundProcess) =>
    found.some(({ ancestors, tty }) => tty === outer.tty && ancestors.includes(outer.process.pid));
  return found.filter((process) => !wraps(process));
}
