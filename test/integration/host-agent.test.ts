import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { HostLaunch } from "../../protocol/host-launch.ts";
import { SessionRecord } from "../../protocol/session.ts";
import * as z from "zod";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

const program = join(import.meta.dirname, "..", "fixtures", "agent", "scripted-agent.ts");

let world: TemporaryWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

interface Agent {
  host: RunningHost;
  view: TestView;
  say: (message: AgentToHost | Record<string, unknown>) => void;
}

/** A host whose child is the scripted agent, connected, on a terminal wide enough for its lines. */
async function startAgent(launch: Partial<HostLaunch> = {}): Promise<Agent> {
  const size = { cols: 400, rows: 50 };
  const host = await startHost(world, "", {
    agent: "pi",
    argv: ["pi"],
    file: process.execPath,
    args: [program],
    expectsExtension: true,
    size,
    ...launch,
  });
  const view = await TestView.open(host.socket, { size });
  await view.waitForText('"type":"ready"');
  return { host, view, say: (message) => view.type(`${JSON.stringify(message)}\r`) };
}

function identity(conversationId: string, more: Partial<AgentToHost> = {}): AgentToHost {
  return { type: "identity", reason: "startup", conversationId, cwd: "/", running: false, ...more } as AgentToHost;
}

describe("what the extension reports", () => {
  it("becomes the session's conversation, title and status", async () => {
    const { host, view, say } = await startAgent();
    expect((await host.state()).status).toMatchObject({ state: "starting", source: "process" });
    say(identity("conv-1", { path: "/sessions/conv-1.jsonl" }));
    const idle = await host.until("idle", (state) => state.status?.state === "idle");
    expect(idle.record).toMatchObject({
      conversation: { id: "conv-1", path: "/sessions/conv-1.jsonl" },
      attribution: { evidence: "extension" },
    });
    say({ type: "first-message", text: "Fix \u001b[31mthe\u001b[0m bug\u202e" });
    await host.until("the message", (state) => state.record.firstMessage === "Fix the bug");
    say({ type: "run-start" });
    const working = await host.until("working", (state) => state.status?.state === "working");
    expect(working.status?.since).toBeGreaterThanOrEqual(idle.status?.since ?? 0);
    say({ type: "run-settled", outcome: "error", error: "401 Invalid API key" });
    await host.until("error", (state) => state.status?.error === "401 Invalid API key");
    say({ type: "name", name: "The bug" });
    await host.until("the name", (state) => state.record.name === "The bug");
    await view.close();
  });

  it("survives a lost connection, and the run's clock goes on", async () => {
    const { host, view, say } = await startAgent();
    say(identity("conv-1"));
    say({ type: "run-start" });
    const before = await host.until("working", (state) => state.status?.state === "working");
    view.type("drop\r");
    await view.waitForText(/"ready"[^]*"ready"/);
    say(identity("conv-1", { running: true }));
    say({ type: "name", name: "after" });
    const after = await host.until("the name", (state) => state.record.name === "after");
    expect(after.status).toEqual(before.status);
    await view.close();
  });

  it("counts a child that dies in the middle of a run as interrupted", async () => {
    const { host, view, say } = await startAgent();
    say(identity("conv-1"));
    say({ type: "run-start" });
    await host.until("working", (state) => state.status?.state === "working");
    view.type("exit 5\r");
    await view.closed;
    expect(view.message("exit")).toMatchObject({ exitCode: 5 });
    await host.exited;
    const file = statePaths(world.env).sessionRecord(host.record.id);
    const record = SessionRecord.parse(JSON.parse(await readFile(file, "utf8")));
    expect(record.ending).toMatchObject({ cause: "exited", exitCode: 5, interrupted: true });
  });

  it("is not believed from a process that merely inherited the token", async () => {
    const { host, view, say } = await startAgent();
    say(identity("conv-1"));
    await host.until("identity", (state) => state.record.conversation?.id === "conv-1");
    say({ type: "hello", token: "wrong", pid: process.pid, missing: [] });
    await view.waitForText("belongs to another session");
    view.type(`hello-as ${process.pid}\r`);
    await view.waitForText("Another process speaks for this session");
    await view.close();
  });

  it("is expected: a pi whose extension keeps silent is degraded, and says why", async () => {
    const host = await startHost(world, "sleep 1000", {
      agent: "pi",
      degraded: { reason: "switched-off", detail: "PISYNC_NO_EXTENSION is set." },
    });
    const state = await host.state();
    expect(state.degraded).toMatchObject({ reason: "switched-off" });
    expect(state.status).toBeUndefined();
  });
});

describe("one writer per conversation", () => {
  it("declines to open a conversation that is live elsewhere, with the command that attaches", async () => {
    const first = await startAgent();
    first.say(identity("conv-1"));
    await first.host.until("identity", (state) => state.record.conversation !== undefined);
    const second = await startAgent();
    second.say(identity("conv-2"));
    second.say({ type: "may-open", request: 7, conversationId: "conv-1" });
    await second.view.waitForText('"request":7,"allowed":false');
    await second.view.waitForText(`pisync attach ${first.host.record.id}`);
    second.say({ type: "may-open", request: 8, conversationId: "conv-3" });
    await second.view.waitForText('"request":8,"allowed":true');
    await Promise.all([first.view.close(), second.view.close()]);
  });

  it("lets go of a conversation when its session moves on", async () => {
    const first = await startAgent();
    first.say(identity("conv-1"));
    first.say(identity("conv-2", { reason: "new" }));
    await first.host.until("identity", (state) => state.record.conversation?.id === "conv-2");
    const second = await startHost(world, "sleep 1000", { conversationKeys: ["id:conv-1"] });
    expect(second.report.outcome).toBe("ready");
    const third = await startHost(world, "sleep 1000", { conversationKeys: ["id:conv-2"] });
    expect(third.report).toMatchObject({ outcome: "held", holder: { session: first.host.record.id } });
    await first.view.close();
  });

  it("sends the views of a latecomer to the session that has it, and ends the latecomer", async () => {
    const first = await startAgent();
    first.say(identity("conv-1"));
    await first.host.until("identity", (state) => state.record.conversation !== undefined);
    const second = await startAgent();
    second.say(identity("conv-1"));
    await second.view.closed;
    expect(second.view.message("switch")).toMatchObject({ session: first.host.record.id, socket: first.host.socket });
    await second.host.exited;
    expect((await first.host.state()).record.conversation?.id).toBe("conv-1");
    await first.view.close();
  });
});

describe("a rename", () => {
  it("goes through the agent where it can, and stands by itself where it cannot", async () => {
    const rename = (host: RunningHost, name: string) =>
      requestJson(host.socket, "POST", "/v1/rename", { schema: z.unknown(), body: { name } });
    const { host, view } = await startAgent();
    await rename(host, "Better name");
    await view.waitForText('"type":"set-name","name":"Better name"');
    expect((await host.state()).record.name).toBe("Better name");
    const plain = await startHost(world, "sleep 1000");
    await rename(plain, "Mine");
    await plain.until("the name", (state) => state.record.name === "Mine");
    await view.close();
  });

  it("that was made before the agent could hear it is told to it, and is not lost to its first report", async () => {
    const { host, view, say } = await startAgent({ name: "From the start" });
    expect((await host.state()).record).toMatchObject({ name: "From the start", namePending: true });
    say(identity("conv-1"));
    await view.waitForText('"type":"set-name","name":"From the start"');
    const told = await host.until("identity", (state) => state.record.conversation !== undefined);
    expect(told.record.name).toBe("From the start");
    expect(told.record.namePending).toBeUndefined();
    say(identity("conv-2"));
    await host.until("the next", (state) => state.record.conversation?.id === "conv-2" && !state.record.name);
    await view.close();
  });
});
