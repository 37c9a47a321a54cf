import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { listedSessions } from "../support/listed-sessions.ts";
import { pisync, pisyncTerminal } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { Terminal } from "../support/terminal.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** A world in which `pisync` and the real pi run, with a scripted model. Disposing it ends everything. */
export class Scene implements AsyncDisposable {
  readonly world: TemporaryWorld;
  readonly model: ScriptedModel;
  readonly #terminals: Terminal[] = [];
  readonly #servers: TmuxServer[] = [];

  /** Use createScene(). */
  constructor(world: TemporaryWorld, model: ScriptedModel) {
    this.world = world;
    this.model = model;
  }

  /** Runs a command that has to succeed, and returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await pisync(this.world, args);
    expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 0, stderr });
    return stdout.trim();
  }

  /** `pisync ARGS` in a terminal that is closed with the scene. */
  terminal(args: string[], options: Parameters<typeof pisyncTerminal>[2] = {}): Terminal {
    const terminal = pisyncTerminal(this.world, args, options);
    this.#terminals.push(terminal);
    return terminal;
  }

  /** The real pi in a terminal of its own, as if there were no pisync. */
  plainPi(args: string[] = [], { cwd = this.world.work } = {}): Terminal {
    const terminal = new Terminal({ argv: ["pi", ...args], cwd, env: this.world.env });
    this.#terminals.push(terminal);
    return terminal;
  }

  /** A prompt whose run ends when it is released, however long what is done meanwhile takes. */
  async heldPrompt(): Promise<{ text: string; release: () => Promise<void> }> {
    const { work } = this.world;
    await writeFile(join(work, "held"), "until [ -e released ]; do sleep 0.05; done");
    return { text: "bash: sh held", release: () => writeFile(join(work, "released"), "") };
  }

  /** A private tmux server that is closed with the scene. */
  async tmux(): Promise<TmuxServer> {
    const server = await startTmux(this.world);
    this.#servers.push(server);
    return server;
  }

  /** A conversation that a pi without pisync has left behind, with these prompts answered. */
  async leftBehind(...prompts: string[]): Promise<SessionSummary> {
    return this.leftBehindIn(this.world.work, ...prompts);
  }

  async leftBehindIn(cwd: string, ...prompts: string[]): Promise<SessionSummary> {
    const pi = this.plainPi([], { cwd });
    await untilPiReady(pi);
    for (const text of prompts) {
      await prompt(pi, text);
      await pi.waitForScreen(`Echo reply to: ${text}`);
    }
    // The last answer is on the screen before it is in the file.
    const { conversation } = await this.until(
      ({ title, messages }) => title === prompts[0] && messages === 2 * prompts.length,
    );
    // A look at the processes that is going on while pi ends may find it still. Once it was found, no later one does.
    await this.until(({ kind, pid }) => kind === "external" && pid === pi.pid);
    await pi.close();
    await waitFor("that pi to be gone", async () => (await this.sessions()).every(({ kind }) => kind !== "external"));
    return this.until((session) => session.conversation?.id === conversation?.id);
  }

  /** The process of a session's host. */
  hostPid(id: string): Promise<number> {
    return new DaemonClient(this.world).hostPid(id);
  }

  async daemonPid(): Promise<number> {
    return (await new DaemonClient(this.world).info()).pid;
  }

  async sessions(): Promise<SessionSummary[]> {
    return listedSessions(this.world);
  }

  async session(id: string): Promise<SessionSummary> {
    const found = (await this.sessions()).find((session) => session.id === id);
    if (found === undefined) throw new Error(`session ${id} is not listed`);
    return found;
  }

  /** The only live session, once it is `ready`. */
  async live(ready: (session: SessionSummary) => boolean = () => true): Promise<SessionSummary> {
    return waitFor("the one live session", async () => {
      const live = (await this.sessions()).filter(({ kind }) => kind === "live");
      return live.length === 1 ? live.find(ready) : undefined;
    });
  }

  /** Starts a pi that nobody watches, and waits until its conversation is known. */
  async startPi(...args: string[]): Promise<SessionSummary> {
    const id = await this.ok("pi", "-d", ...args);
    return this.untilSession(id, ({ conversation }) => conversation !== undefined);
  }

  async untilSession(id: string, ready: (session: SessionSummary) => boolean): Promise<SessionSummary> {
    return waitFor(`session ${id} to be so`, async () => {
      const session = await this.session(id);
      return ready(session) ? session : undefined;
    });
  }

  /** Waits for the one session that is so. */
  async until(wanted: (session: SessionSummary) => boolean): Promise<SessionSummary> {
    let sessions: SessionSummary[] = [];
    const look = async () => {
      sessions = await this.sessions();
      const found = sessions.filter(wanted);
      return found.length === 1 ? found[0] : undefined;
    };
    return waitFor(`one session with ${wanted.toString()}`, look).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${JSON.stringify(sessions, null, 2)}`, { cause: error });
    });
  }

  /** Waits until a session is not live any more; it may not be listed then. */
  async untilSessionEnds(id: string): Promise<void> {
    await waitFor(`session ${id} to end`, async () =>
      (await this.sessions()).every((session) => session.id !== id || session.kind !== "live"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals) await terminal.close();
    for (const server of this.#servers) await server.close();
    await this.model.close();
    await this.world.dispose();
  }
}

export async function createScene(): Promise<Scene> {
  const world = await createWorld();
  const model = await startScriptedModel();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
  return new Scene(world, model);
}

/** Waits until pi takes what is typed: it sets the terminal's title at the end of its start. */
export async function untilPiReady(terminal: Terminal): Promise<void> {
  await terminal.waitForScreen(/scripted\s*$/m);
  await waitFor("pi to set the title", () => /\x1b\][02];\S+ - /.test(terminal.output().toString("latin1")));
}

/** Types a prompt the way a person pastes one, so that pi's autocompletion does not take the Enter. */
export async function prompt(terminal: Terminal, text: string): Promise<void> {
  terminal.send(`\x1b[200~${text}\x1b[201~`);
  await terminal.waitForScreen(text);
  terminal.send("\r");
}

export const DETACH = "\x1c";
