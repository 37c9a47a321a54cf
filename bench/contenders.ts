import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { SessionRecord, type Size } from "../protocol/session.ts";
import { findDaemon } from "../runtime/ensure-daemon.ts";
import { findProgram } from "../runtime/find-program.ts";
import { readJsonFile } from "../runtime/json-file.ts";
import { statePaths } from "../runtime/paths.ts";
import { PISYNC, pisync } from "../test/support/pisync.ts";
import { processesMentioning, signal, untilGone } from "../test/support/processes.ts";
import type { TemporaryWorld } from "../test/support/temporary-world.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { ViewingTerminal } from "./viewing-terminal.ts";

export type ContenderName = "pisync" | "tmux" | "dtach";

/** The size of every session and every view: tmux, whose status line is off, draws on all of it too. */
export const SIZE: Size = { cols: 120, rows: 40 };

/** What a session's program prints when it is ready, and every view then shows. */
export const READY = "READY.";

/** A session's program that waits for input for ever. */
export const QUIET_PROGRAM = ["sh", "-c", `printf ${READY}; exec cat >/dev/null`];

/** A running session of one contender, with nothing attached. */
export interface BenchSession extends AsyncDisposable {
  /** The process that holds the session's PTY: host, tmux server, dtach master. */
  readonly holder: number;
  /** The command line of a view. */
  readonly view: readonly string[];
  /** What a fresh view shows, if it is not the session's screen. */
  readonly shown?: string;
}

/** A program that keeps a session and shows it in terminals, in a world of its own. */
export interface Contender {
  readonly name: ContenderName;
  readonly world: TemporaryWorld;
  start(argv: readonly string[]): Promise<BenchSession>;
}

/** The contenders that are installed here, in the order of the tables. pisync is the built one. */
export async function contenders(world: TemporaryWorld, wanted: readonly ContenderName[]): Promise<Contender[]> {
  const all: Contender[] = [pisyncIn(world)];
  if (await installed("tmux", world)) all.push(tmuxIn(world));
  if (await installed("dtach", world)) all.push(dtachIn(world));
  return all.filter(({ name }) => wanted.includes(name));
}

/**
 * Starts a session, opens that many views on it, waits until all of them show what its program printed, and
 * closes everything after `body`.
 */
export async function withViews<T>(
  contender: Contender,
  argv: readonly string[],
  count: number,
  body: (views: ViewingTerminal[], session: BenchSession) => Promise<T>,
): Promise<T> {
  await using session = await contender.start(argv);
  const views: ViewingTerminal[] = [];
  try {
    for (let at = 0; at < count; at++) views.push(viewOf(contender, session));
    await Promise.all(views.map((view) => view.whenShown(session.shown ?? READY)));
    return await body(views, session);
  } finally {
    await Promise.all(views.map((view) => view.close()));
  }
}

/** Starts that many sessions with nothing attached, and ends them after `body`. */
export async function withSessions<T>(
  contender: Contender,
  argv: readonly string[],
  count: number,
  body: (sessions: BenchSession[]) => Promise<T>,
): Promise<T> {
  const sessions: BenchSession[] = [];
  try {
    for (let at = 0; at < count; at++) sessions.push(await contender.start(argv));
    return await body(sessions);
  } finally {
    for (const session of sessions) await session[Symbol.asyncDispose]();
  }
}

/** The pid of the world's daemon. */
export async function daemonOf(world: TemporaryWorld): Promise<number> {
  const daemon = await findDaemon(statePaths(world.env));
  if (daemon === undefined) throw new Error("no daemon is running");
  return daemon.pid;
}

/** Starts a view in a terminal of its own; close it before the session. */
export function viewOf({ world }: Contender, { view }: BenchSession): ViewingTerminal {
  return new ViewingTerminal(view, { cwd: world.work, env: world.env, size: SIZE });
}

function pisyncIn(world: TemporaryWorld): Contender {
  const run = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await pisync(world, args);
    if (exitCode !== 0) throw new Error(`pisync ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout.trim();
  };
  return {
    name: "pisync",
    world,
    async start(argv) {
      const id = await run("run", "-d", "--", ...argv);
      const record = await readJsonFile(statePaths(world.env).sessionRecord(id), SessionRecord);
      const holder = record?.host?.process.pid;
      if (holder === undefined) throw new Error(`session ${id} has no host`);
      return {
        holder,
        view: [process.execPath, PISYNC, "attach", id],
        async [Symbol.asyncDispose]() {
          await run("kill", id);
          await untilGone(holder);
        },
      };
    },
  };
}

function tmuxIn(world: TemporaryWorld): Contender {
  const tmux = ["tmux", "-u", "-f", "/dev/null", "-S", join(world.root, "tmux.sock")];
  const run = (...args: string[]) => output([...tmux, ...args], world);
  let count = 0;
  return {
    name: "tmux",
    world,
    async start(argv) {
      const name = `s${++count}`;
      const size = ["-x", String(SIZE.cols), "-y", String(SIZE.rows)];
      await run("new-session", "-d", "-s", name, ...size, ...argv, ";", "set", "-g", "status", "off");
      return {
        holder: Number(await run("display-message", "-p", "-t", name, "#{pid}")),
        view: [...tmux, "attach-session", "-t", name],
        [Symbol.asyncDispose]: async () => void (await run("kill-session", "-t", name)),
      };
    },
  };
}

function dtachIn(world: TemporaryWorld): Contender {
  let count = 0;
  return {
    name: "dtach",
    world,
    async start(argv) {
      const socket = join(world.root, `dtach${++count}`);
      await output(["dtach", "-n", socket, "-E", "-z", "-r", "none", ...argv], world);
      const found = await waitFor("dtach to listen", async () => (await processesMentioning(socket))[0]);
      return {
        holder: found.pid,
        view: ["dtach", "-a", socket, "-E", "-z", "-r", "none"],
        // It keeps no screen: what it writes by itself is an erased one.
        shown: "\x1b[J",
        async [Symbol.asyncDispose]() {
          signal(found.pid, "SIGTERM");
          await untilGone(found.pid);
        },
      };
    },
  };
}

async function output([file = "", ...args]: readonly string[], world: TemporaryWorld): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd: world.work, env: world.env });
  return stdout.trim();
}

async function installed(program: string, world: TemporaryWorld): Promise<boolean> {
  return findProgram(program, world.env, world.work).then(
    () => true,
    () => false,
  );
}
