import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { IndexState } from "../../protocol/daemon-state.ts";
import { ensurePrivateDirectory } from "../../runtime/secure-directory.ts";
import { sessionsOf } from "./conversation-index.ts";
import type { TemporaryWorld } from "./temporary-world.ts";
import { waitFor } from "./wait-for.ts";

const PROGRAM = join(import.meta.dirname, "..", "fixtures", "daemon", "index-process.ts");

export interface Seen {
  pid: number;
  titles: string[];
  state: IndexState;
}

/** The index in a process of its own, which can be killed, and be started with other rights or limits. */
export class IndexProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  #seen: Seen | undefined;
  #errors = "";

  /** Use startIndexProcess(). */
  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    createInterface({ input: child.stdout }).on("line", (line) => (this.#seen = JSON.parse(line) as Seen));
    child.stderr.on("data", (data: Buffer) => (this.#errors += data.toString()));
  }

  /** Waits until what the index knows is as the condition says. */
  async until(reason: string, condition: (seen: Seen) => boolean): Promise<Seen> {
    try {
      return await waitFor(reason, () => (this.#seen !== undefined && condition(this.#seen) ? this.#seen : undefined));
    } catch (error) {
      throw new Error(`${String(error)}; last seen: ${JSON.stringify(this.#seen)}${this.#errors}`, { cause: error });
    }
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.stdin.end("end\n");
    await exit;
  }
}

/** @param prefix a program with its arguments that starts the index: `unshare -U`. */
export async function startIndexProcess(world: TemporaryWorld, prefix: string[] = []): Promise<IndexProcess> {
  await ensurePrivateDirectory(world.stateDirectory);
  const argv = [...prefix, process.execPath, PROGRAM, world.stateDirectory, sessionsOf(world)];
  return new IndexProcess(spawn(argv[0] as string, argv.slice(1), { env: world.env, stdio: "pipe" }));
}
