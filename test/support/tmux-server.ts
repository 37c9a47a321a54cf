import { rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { isRunning } from "./processes.ts";
import type { TemporaryWorld } from "./temporary-world.ts";
import { Terminal } from "./terminal.ts";
import { type Deadline, waitFor } from "./wait-for.ts";

/**
 * A real tmux server of its own: unique socket inside the world, no configuration file, one client attached
 * through a terminal of known size. Panes inherit the world's environment.
 */
export class TmuxServer implements AsyncDisposable {
  /** The terminal of the attached client: send keys and mouse here, and read what a person would see. */
  readonly client: Terminal;
  readonly socketPath: string;
  readonly #world: TemporaryWorld;
  readonly #pid: number;

  /** Use startTmux(). */
  constructor(world: TemporaryWorld, client: Terminal, socketPath: string, pid: number) {
    this.#world = world;
    this.client = client;
    this.socketPath = socketPath;
    this.#pid = pid;
  }

  /** What the server was started with. Its shells are login shells, which set a PATH of their own. */
  get env(): Readonly<Record<string, string>> {
    return this.#world.env;
  }

  /** Runs a tmux command and returns its output. @throws execa's error when tmux refuses. */
  async run(...args: string[]): Promise<string> {
    return tmux(this.#world, ["-S", this.socketPath, ...args]);
  }

  /** The text of a pane (default: the active one); with `escapes` also its colours and attributes. */
  async capturePane({ target, escapes = false }: { target?: string; escapes?: boolean } = {}): Promise<string> {
    return this.run("capture-pane", "-p", ...(escapes ? ["-e"] : []), ...targeting(target));
  }

  /** Types tmux key names (`C-a`, `Enter`) or text into a pane. */
  async sendKeys(keys: string[], { target }: { target?: string } = {}): Promise<void> {
    await this.run("send-keys", ...targeting(target), ...keys);
  }

  /** Sends these bytes, unchanged, to the program in a pane. */
  async sendBytes(bytes: string | Uint8Array, { target }: { target?: string } = {}): Promise<void> {
    const hex = [...Buffer.from(bytes as Uint8Array)].map((byte) => byte.toString(16).padStart(2, "0"));
    if (hex.length > 0) await this.run("send-keys", ...targeting(target), "-H", ...hex);
  }

  /** Waits until a pane shows the text or matches the pattern, and returns what it shows. */
  async waitForPane(wanted: string | RegExp, options: { target?: string } & Deadline = {}): Promise<string> {
    let screen = "";
    const shown = async () => {
      screen = await this.capturePane(options);
      return typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen);
    };
    await waitFor(`the pane to show ${String(wanted)}`, shown, options).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${screen}`, { cause: error });
    });
    return screen;
  }

  /** One more client of the same size, once it is attached. Close it before the server. */
  async attach(): Promise<Terminal> {
    const argv = ["tmux", "-u", "-S", this.socketPath, "attach-session"] as const;
    const client = new Terminal({ argv, cwd: this.#world.work, env: this.#world.env, ...this.client.size });
    await waitFor("the client to be attached", async () => {
      return (await this.run("list-clients", "-F", "#{client_pid}")).split("\n").includes(String(client.pid));
    });
    return client;
  }

  /** Ends the server with everything in it and removes its socket. */
  async close(): Promise<void> {
    await this.run("kill-server").catch(() => undefined);
    await this.client.close();
    await waitFor("the tmux server to end", async () => !(await isRunning(this.#pid)));
    await rm(this.socketPath, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface TmuxOptions {
  cols?: number;
  rows?: number;
  /** What the first pane runs instead of a shell. */
  argv?: string[];
  /** Reads the configuration in the world's home, as tmux does by itself. */
  configured?: boolean;
}

/** Starts a server with one session, its shell in the world's work folder, and waits for the client to be attached. */
export async function startTmux(
  world: TemporaryWorld,
  { cols = 160, rows = 40, argv = [], configured = false }: TmuxOptions = {},
): Promise<TmuxServer> {
  const name = `t${randomBytes(4).toString("hex")}`;
  const client = new Terminal({
    argv: ["tmux", "-u", "-L", name, ...(configured ? [] : ["-f", "/dev/null"]), "new-session", "-s", "main", ...argv],
    cwd: world.work,
    env: world.env,
    cols,
    rows,
  });
  const facts = await waitFor("tmux to be attached", async () =>
    tmux(world, ["-L", name, "list-clients", "-F", "#{pid} #{socket_path}"]),
  );
  const [, pid = "", socketPath = ""] = /^(\d+) (.+)$/.exec(facts) ?? [];
  return new TmuxServer(world, client, socketPath, Number(pid));
}

async function tmux(world: TemporaryWorld, args: string[]): Promise<string> {
  const { stdout } = await execa("tmux", ["-u", ...args], { env: world.env, extendEnv: false, cwd: world.work });
  return stdout;
}

function targeting(target: string | undefined): string[] {
  return target === undefined ? [] : ["-t", target];
}
