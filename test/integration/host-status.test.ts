import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import { SessionRecord, type Status } from "../../protocol/session.ts";
import { statePaths } from "../../runtime/paths.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { signal } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

const program = join(import.meta.dirname, "..", "fixtures", "agent", "scripted-agent.ts");
const size = { cols: 400, rows: 50 };

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

/** The scripted agent under a host, with a view through which it is told what to do. */
class Agent {
  readonly host: RunningHost;
  readonly view: TestView;

  private constructor(host: RunningHost, view: TestView) {
    this.host = host;
    this.view = view;
  }

  static async start(): Promise<Agent> {
    const host = await startHost(world, "", {
      agent: "pi",
      argv: ["pi"],
      file: process.execPath,
      args: [program],
      expectsExtension: true,
      size,
    });
    const view = await TestView.open(host.socket, { size });
    await view.waitForText('"type":"ready"');
    const started = new Agent(host, view);
    started.says({ type: "identity", reason: "startup", conversationId: "one", cwd: "/", running: false });
    await started.until("idle");
    return started;
  }

  says(message: AgentToHost): void {
    this.view.type(`${JSON.stringify(message)}\r`);
  }

  tellsTerminal(data: string): void {
    this.view.type(`program-status ${data}\r`);
  }

  /** A run that ends once the view is gone. */
  async runsUnwatched(end: AgentToHost): Promise<void> {
    this.says({ type: "run-start" });
    this.view.type(`unwatched ${JSON.stringify(end)}\r`);
    await this.view.waitForText("kept: 1");
    const { record } = await this.until("working");
    await this.view.close();
    await this.host.until("no view", ({ views }) => views.length === 0);
    signal(record.host?.child?.pid as number, "SIGUSR1");
  }

  async until(state: Status["state"], more: (status: Status) => boolean = () => true) {
    return this.host.until(state, ({ status }) => status?.state === state && more(status));
  }
}

const done: AgentToHost = { type: "run-settled", outcome: "done" };
const failed: AgentToHost = { type: "run-settled", outcome: "error", error: "401 Invalid API key" };

describe("a run that nobody watched", () => {
  test("is unseen until an interactive view attaches", async () => {
    const agent = await Agent.start();
    await agent.runsUnwatched(done);
    await agent.until("idle", ({ unseen }) => unseen === true);
    const onlooker = await TestView.open(agent.host.socket, { size, mode: "read-only" });
    expect((await agent.host.state()).status?.unseen).toBe(true);
    const view = await TestView.open(agent.host.socket, { size });
    await agent.until("idle", ({ unseen }) => unseen === undefined);
    await onlooker.close();
    await view.close();
  });

  test("stays red after an error until then, and is idle after", async () => {
    const agent = await Agent.start();
    await agent.runsUnwatched(failed);
    const { status } = await agent.until("error");
    expect(status).toMatchObject({ unseen: true, error: "401 Invalid API key", source: "extension" });
    const view = await TestView.open(agent.host.socket, { size });
    const seen = await agent.until("idle");
    expect(seen.status).toEqual({ state: "idle", since: status?.since, source: "extension" });
    await view.close();
  });
});

test("an error that came before somebody's eyes stays red until they do something", async () => {
  const agent = await Agent.start();
  agent.says({ type: "run-start" });
  agent.says(failed);
  expect((await agent.until("error")).status?.unseen).toBeUndefined();
  agent.view.type("\x1b[O");
  agent.view.type("\x1b[?1;2c");
  const second = await TestView.open(agent.host.socket, { size, mode: "read-only" });
  // Taken in order: what was sent before has had its effect.
  agent.view.resize({ cols: 399, rows: 50 });
  await agent.host.until("the size", ({ views }) => views.some((view) => view.size.cols === 399));
  expect((await agent.host.state()).status?.state).toBe("error");
  agent.view.type("\x1b[I");
  await agent.until("idle");
  await second.close();
  await agent.view.close();
});

describe("what pi tells its terminal", () => {
  test("is the status of a pi without the extension, and follows it", async () => {
    const script = `
      report() { printf '\\033]7501;state=%s:app=pi:msg=%s\\033\\\\' "$1" "$2"; read -r go; }
      read -r go; report idle; report working; report blocked U3VyZT8=; report error NDAxIEludmFsaWQ=; report done`;
    const host = await startHost(world, script, {
      agent: "pi",
      degraded: { reason: "switched-off", detail: "PISYNC_NO_EXTENSION is set." },
    });
    const view = await TestView.open(host.socket);
    expect((await host.state()).status).toBeUndefined();
    for (const state of ["idle", "working", "waiting", "error", "idle"]) {
      view.type("go\r");
      const { status } = await host.until(state, (present) => present.status?.state === state);
      expect(status).toMatchObject({ source: "screen" });
      if (state === "error") expect(status?.error).toBe("401 Invalid");
    }
    view.type("go\r");
    await view.closed;
  });

  test("counts only when the extension stays away", async () => {
    const agent = await Agent.start();
    agent.says({ type: "run-start" });
    agent.tellsTerminal("state=blocked");
    agent.says({ type: "name", name: "after the report" });
    const named = await agent.host.until("the name", ({ record }) => record.name === "after the report");
    expect(named.status).toMatchObject({ state: "working", source: "extension" });
    agent.view.type("drop\r");
    await agent.view.waitForText(/"ready"[^]*"ready"/);
    expect((await agent.host.state()).status).toMatchObject({ state: "working", source: "extension" });
    agent.view.type("leave\r");
    const lost = await agent.until("waiting");
    expect(lost.status).toMatchObject({ source: "screen" });
    expect(lost.degraded).toMatchObject({ reason: "not-connected" });
    await agent.view.close();
  });

  test("is not believed of a command", async () => {
    const script = "read -r go; printf '\\033]7501;state=error\\033\\\\'; echo told; read -r go";
    const host = await startHost(world, script);
    const view = await TestView.open(host.socket);
    view.type("go\r");
    await view.waitForText("told");
    expect((await host.state()).status).toMatchObject({ state: "working", source: "process" });
    view.type("go\r");
    await view.closed;
  });
});

test.each([
  ["in a run", [{ type: "run-start" }], true],
  ["in a dialog of a run", [{ type: "run-start" }, { type: "waiting", open: 1 }], true],
  ["in a dialog between runs", [{ type: "waiting", open: 1 }], false],
  ["when idle", [], false],
] as const)("an end %s is an interruption or not", async (_when, messages, interrupted) => {
  const agent = await Agent.start();
  for (const message of messages) agent.says(message);
  agent.says({ type: "name", name: "the last word" });
  await agent.host.until("the last word", ({ record }) => record.name === "the last word");
  agent.view.type("exit 3\r");
  await agent.host.exited;
  const file = statePaths(world.env).sessionRecord(agent.host.record.id);
  const record = SessionRecord.parse(JSON.parse(await readFile(file, "utf8")));
  expect(record.ending).toMatchObject({ exitCode: 3, interrupted });
});
