import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DemoWorld } from "./world.ts";

/** A tmux server of the demo's own, in its own socket directory, with its own configuration. */
export class PrivateTmux {
  readonly #world: DemoWorld;
  readonly #base: [string, ...string[]];

  private constructor(world: DemoWorld, base: [string, ...string[]]) {
    this.#world = world;
    this.#base = base;
  }

  /** @param settings lines of its configuration. The server starts with `open`. */
  static async create(world: DemoWorld, settings: readonly string[]): Promise<PrivateTmux> {
    const file = join(world.directory, "tmux.conf");
    await writeFile(file, `${settings.join("\n")}\n`);
    return new PrivateTmux(world, ["tmux", "-u", "-L", `pisync-demo-${process.pid}`, "-f", file]);
  }

  /** The words that run a tmux command on this server. */
  command(...args: string[]): [string, ...string[]] {
    return [...this.#base, ...args];
  }

  /** Starts the server with one pane that runs the command, and returns the pane's id. */
  open(command: readonly string[], size: { cols: number; rows: number } = { cols: 160, rows: 45 }): Promise<string> {
    const geometry = ["-x", String(size.cols), "-y", String(size.rows)];
    return this.#print("new-session", "-d", ...geometry, "-P", "-F", "#{pane_id}", ...command);
  }

  /** A second pane to the right, of the same width. */
  split(command: readonly string[]): Promise<string> {
    return this.#print("split-window", "-h", "-P", "-F", "#{pane_id}", ...command);
  }

  async restart(pane: string, command: readonly string[]): Promise<void> {
    await this.#print("respawn-pane", "-k", "-t", pane, ...command);
  }

  async type(pane: string, text: string): Promise<void> {
    await this.#print("send-keys", "-t", pane, "-l", text);
  }

  async press(pane: string, key: string): Promise<void> {
    await this.#print("send-keys", "-t", pane, key);
  }

  /** What a pane shows, one line a row. */
  screen(pane: string): Promise<string> {
    return this.#print("capture-pane", "-p", "-t", pane);
  }

  /**
   * The exit code of a pane's command once it has ended; needs `remain-on-exit`. tmux 3.3a sometimes misses that a
   * child has ended (it stays a zombie, and the pane without a code); the end of another child makes it look again.
   */
  async exitCode(pane: string): Promise<number | undefined> {
    const state = await this.#print("display-message", "-p", "-t", pane, "#{pane_dead} #{pane_dead_status}");
    const [dead, code = ""] = state.split(" ");
    if (dead !== "1") return undefined;
    if (code !== "") return Number(code);
    await this.#print("run-shell", "true");
    return undefined;
  }

  /** Ends the server with everything in it; it may have ended by itself. */
  async close(): Promise<void> {
    await this.#world.finish(this.command("kill-server"));
  }

  async #print(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#world.run(this.command(...args));
    if (exitCode !== 0) throw new Error(`tmux ${args[0] ?? ""}: ${stderr.trim()}`);
    return stdout.trimEnd();
  }
}
