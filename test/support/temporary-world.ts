import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { signal, untilNoneMention } from "./processes.ts";
import { runRoot, sharedCompileCache } from "./run-root.ts";

const projectRoot = join(import.meta.dirname, "..", "..");

/** How long processes may take to end before they count as left behind, in milliseconds. */
const ENDING_MS = 10_000;

/**
 * What one test sees of the machine: its own HOME, state directory, agent directory and temporary folder,
 * and an environment that holds nothing of the developer's.
 */
export class TemporaryWorld implements AsyncDisposable {
  /** Holds all of the below; a short path, for the sake of sockets. */
  readonly root: string;
  readonly home: string;
  readonly stateDirectory: string;
  readonly agentDirectory: string;
  /** An empty folder for the test's own files and as a working folder. */
  readonly work: string;
  /** Programs started with this see the world; PATH begins with the project's node_modules/.bin. */
  readonly env: Record<string, string>;

  /** Use createWorld(). */
  constructor(root: string) {
    this.root = root;
    this.home = join(root, "home");
    this.stateDirectory = join(root, "state");
    this.agentDirectory = join(root, "agent");
    this.work = join(root, "work");
    this.env = {
      HOME: this.home,
      PATH: [join(projectRoot, "node_modules", ".bin"), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
      PISYNC_STATE_DIR: this.stateDirectory,
      PI_CODING_AGENT_DIR: this.agentDirectory,
      PI_OFFLINE: "1",
      TMPDIR: join(root, "tmp"),
      // tmux keeps its sockets under this, so that they go with the world.
      TMUX_TMPDIR: join(root, "tmp"),
      NODE_COMPILE_CACHE: sharedCompileCache(),
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      SHELL: "/bin/sh",
      ...(process.env["TEST_LATE"] ? { NODE_OPTIONS: `--import ${join(import.meta.dirname, "lateness.ts")}` } : {}),
    };
  }

  /**
   * Ends the daemon and the hosts that the state directory records, waits for every process of this world to
   * be gone and removes its folder.
   * @throws naming the processes that did not end; they are killed then.
   */
  async dispose(): Promise<void> {
    const told = new Set<number>();
    // A sidebar that is just ending may see the daemon go, and start another.
    const left = await untilNoneMention(this.root, ENDING_MS, async (found) => {
      const recorded = await recordedPids(this.stateDirectory);
      for (const { pid } of found) {
        if (!recorded.has(pid) || told.has(pid)) continue;
        signal(pid, "SIGTERM");
        told.add(pid);
      }
    });
    for (const { pid } of left) signal(pid, "SIGKILL");
    await rm(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    if (left.length > 0) {
      throw new Error(`left behind:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join("\n")}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** Makes a world under the run's folder; dispose it in the test that made it (`await using`, or afterEach). */
export async function createWorld(): Promise<TemporaryWorld> {
  const world = new TemporaryWorld(await mkdtemp(join(runRoot(), "w")));
  const folders = [world.home, world.agentDirectory, world.work, join(world.root, "tmp")];
  for (const folder of folders) await mkdir(folder, { mode: 0o700 });
  return world;
}

/** Pids in leases (the daemon's among them) and session records. They may be stale: a test can have left them so. */
async function recordedPids(stateDirectory: string): Promise<Set<number>> {
  const files = [
    ...(await entriesOf(join(stateDirectory, "leases"))),
    ...(await entriesOf(join(stateDirectory, "sessions"))).map((folder) => join(folder, "session.json")),
  ];
  const recorded = await Promise.all(files.map(readRecorded));
  return new Set(recorded.flatMap(({ process, host }) => [process?.pid, host?.process?.pid]).filter(isNumber));
}

interface Recorded {
  process?: { pid: number };
  host?: { process?: { pid: number } };
}

/** A broken or vanished file names nobody: breaking it may have been the test. */
async function readRecorded(file: string): Promise<Recorded> {
  try {
    return (JSON.parse(await readFile(file, "utf8")) ?? {}) as Recorded;
  } catch {
    return {};
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
