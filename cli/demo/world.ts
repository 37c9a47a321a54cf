import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { SessionList, SessionRecord, type SessionSummary } from "../../protocol/session.ts";
import { inheritableEnvironment } from "../../runtime/environment.ts";
import { endsWithin, stopDaemon } from "../../runtime/ensure-daemon.ts";
import { readJsonFile } from "../../runtime/json-file.ts";
import { statePaths, type StatePaths } from "../../runtime/paths.ts";
import { signalProcess } from "../../runtime/process-identity.ts";
import { distFile } from "../../runtime/version.ts";
import { startScriptedModel, type ScriptedModel } from "./scripted-model.ts";

/** Short, whatever TMPDIR is, because sockets lie below it. */
const PREFIX = "/tmp/pisync-demo-";

const HOST_END_MS = 5_000;
const COMMAND_DEADLINE_MS = 60_000;

export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Where a demo happens: a directory with a state and an agent directory of its own, and a scripted model. The
 * user's sessions, settings and conversations are never read. `close` leaves nothing behind.
 */
export class DemoWorld {
  readonly directory: string;
  /** Programs started with this see the world only. */
  readonly env: Record<string, string>;
  /** Aborted when the demo is told to end. */
  readonly signal: AbortSignal;
  readonly #paths: StatePaths;
  readonly #model: ScriptedModel;

  private constructor(directory: string, env: Record<string, string>, model: ScriptedModel, signal: AbortSignal) {
    this.directory = directory;
    this.env = env;
    this.signal = signal;
    this.#paths = statePaths(env);
    this.#model = model;
  }

  /** @param piFile the pi that is to run, absolute. */
  static async create(piFile: string, signal: AbortSignal): Promise<DemoWorld> {
    const model = await startScriptedModel();
    const directory = await mkdtemp(PREFIX);
    const env = {
      ...inheritableEnvironment(process.env),
      // pi before all, and this Node for pi's first line: the one on PATH may be too old for it.
      PATH: [dirname(piFile), dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      PISYNC_STATE_DIR: join(directory, "state"),
      PI_CODING_AGENT_DIR: join(directory, "agent"),
      XDG_CONFIG_HOME: join(directory, "config"),
      TMUX_TMPDIR: directory,
      PI_OFFLINE: "1",
    };
    for (const name of ["agent", "work"]) await mkdir(join(directory, name));
    await writeFile(join(directory, "agent", "models.json"), JSON.stringify(modelsFor(model.url)));
    const settings = { defaultProvider: "demo", defaultModel: "scripted", quietStartup: true };
    await writeFile(join(directory, "agent", "settings.json"), JSON.stringify(settings));
    return new DemoWorld(directory, env, model, signal);
  }

  /** A working directory with nothing in it. */
  get work(): string {
    return join(this.directory, "work");
  }

  /** The words that run pisync, for other programs to start. */
  command(...args: string[]): [string, ...string[]] {
    return [process.execPath, distFile("pisync.js"), ...args];
  }

  /** Runs `pisync ARGS` and returns what it printed. @throws when it fails, with what it said. */
  async pisync(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(this.command(...args));
    if (exitCode !== 0) throw new Error(`pisync ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout.trim();
  }

  /** Runs a program to its end. @throws when it cannot be run, and when the demo has been told to end. */
  async run(argv: readonly [string, ...string[]]): Promise<Finished> {
    this.signal.throwIfAborted();
    const finished = await this.finish(argv);
    this.signal.throwIfAborted();
    return finished;
  }

  /**
   * As `run`, also when the demo has been told to end. What has begun is not interrupted, neither by this process
   * nor by ctrl-c in its terminal: a command that dies while it starts a daemon leaves one that nobody knows of.
   */
  async finish([file, ...args]: readonly [string, ...string[]]): Promise<Finished> {
    const options = { cwd: this.work, env: this.env, detached: true };
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const deadline = setTimeout(() => child.kill("SIGKILL"), COMMAND_DEADLINE_MS);
    try {
      const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
      return { exitCode, stdout, stderr };
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Runs a program in this process's terminal until it ends, and returns its exit code. */
  async show([file, ...args]: readonly [string, ...string[]]): Promise<number> {
    this.signal.throwIfAborted();
    const child = spawn(file, args, { cwd: this.work, env: this.env, stdio: "inherit" });
    const end = () => child.kill("SIGTERM");
    this.signal.addEventListener("abort", end);
    return exitOf(child).finally(() => this.signal.removeEventListener("abort", end));
  }

  async session(id: string): Promise<SessionSummary> {
    const list = SessionList.parse(JSON.parse(await this.pisync("list", "--json", "--all")));
    const session = list.sessions.find((each) => each.id === id);
    if (session === undefined) throw new Error(`session ${id} is not listed`);
    return session;
  }

  /** Ends the daemon and every host, and removes every file. @throws when a host does not end. */
  async close(): Promise<void> {
    await stopDaemon(this.#paths).catch(() => false);
    const left: number[] = [];
    for (const host of await this.#hosts()) {
      // A host that is told to stop takes its program with it.
      await signalProcess(host, "SIGTERM");
      if (await endsWithin(host, HOST_END_MS)) continue;
      await signalProcess(host, "SIGKILL");
      if (!(await endsWithin(host, HOST_END_MS))) left.push(host.pid);
    }
    await this.#model.close();
    const directories = [this.#paths.runDirectory, this.directory];
    for (const path of directories) await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    if (left.length > 0) throw new Error(`processes are left: ${left.join(", ")}`);
  }

  async #hosts() {
    const ids = await readdir(this.#paths.sessionsDirectory).catch(() => []);
    const records = await Promise.all(
      ids.map((id) => readJsonFile(this.#paths.sessionRecord(id), SessionRecord).catch(() => undefined)),
    );
    return records.flatMap((record) => (record?.host === undefined ? [] : [record.host.process]));
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}

function modelsFor(baseUrl: string): object {
  const model = {
    id: "scripted",
    name: "Scripted",
    reasoning: false,
    input: ["text"],
    contextWindow: 100_000,
    maxTokens: 8_000,
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
  return { providers: { demo: { baseUrl, api: "openai-completions", apiKey: "none", models: [model] } } };
}
