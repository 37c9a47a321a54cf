import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createExternalChannel, type ExternalChannel } from "../../daemon/external/external-channel.ts";
import { externalIdOf, type ExternalReport } from "../../daemon/external/external-sessions.ts";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { ProcessIdentity } from "../../protocol/ids.ts";
import { createRouter } from "../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../runtime/http-server.ts";
import { claimLease, readLease } from "../../runtime/lease.ts";
import { openLog, type Log } from "../../runtime/log.ts";
import { identityOf, ownIdentity } from "../../runtime/process-identity.ts";
import { connectAgent, hello, identity, type ChannelAgent } from "../support/channel-agent.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let log: Log;
let daemon: TestDaemon;
beforeEach(async () => {
  world = await createWorld();
  log = openLog(join(world.root, "daemon.log"));
  daemon = await TestDaemon.start();
});
afterEach(async () => {
  await daemon.close();
  log.close();
  await world.dispose();
});

/** The daemon's end of the channel on a real socket, with the world's work folder for leases. */
class TestDaemon {
  readonly channel: ExternalChannel;
  readonly server: UnixServer;
  readonly reports: [pid: number, report: ExternalReport | undefined][] = [];

  static async start(): Promise<TestDaemon> {
    const reports: TestDaemon["reports"] = [];
    const channel = createExternalChannel({
      leasesDirectory: world.work,
      controls: { begin: () => Promise.resolve(undefined) },
      report: ({ pid }, report) => reports.push([pid, report]),
      log,
    });
    const server = await listenUnix(createRouter(), join(world.root, "d.sock"), {
      onUpgrade: (...given) => channel.accept(...given),
    });
    return new TestDaemon(channel, server, reports);
  }

  constructor(channel: ExternalChannel, server: UnixServer, reports: TestDaemon["reports"]) {
    this.channel = channel;
    this.server = server;
    this.reports = reports;
  }

  get last(): ExternalReport | undefined {
    return this.reports.at(-1)?.[1];
  }

  /** Waits for a report that satisfies the condition to be the last one. */
  until(reason: string, condition: (report: ExternalReport | undefined) => boolean): Promise<unknown> {
    return waitFor(reason, () => this.reports.length > 0 && condition(this.last));
  }

  async close(): Promise<void> {
    this.channel.close();
    await this.server.close();
  }
}

const connect = () => connectAgent(join(world.root, "d.sock"));

async function agentWith(...messages: AgentToHost[]): Promise<ChannelAgent> {
  const agent = await connect();
  agent.say(hello(), ...messages);
  return agent;
}

async function holderOf(conversation: string): Promise<ProcessIdentity | undefined> {
  return (await readLease(world.work, `id:${conversation}`))?.process;
}

test("what the extension says becomes a report, until it is gone", async () => {
  const agent = await agentWith(identity("one", { path: "/c/one.jsonl" }));
  expect(await agent.hears("ready")).toEqual({ type: "ready", session: externalIdOf(await ownIdentity()) });
  await daemon.until("idle", (report) => report?.status.state === "idle");
  agent.say({ type: "first-message", text: "Fix \u001b[31mthe\u001b[0m bug\u202e" }, { type: "run-start" });
  await daemon.until("working", (report) => report?.status.state === "working");
  expect(daemon.last).toMatchObject({
    conversation: { id: "one", path: "/c/one.jsonl" },
    firstMessage: "Fix the bug",
    status: { source: "extension" },
  });
  const since = daemon.last?.status.since;
  agent.say({ type: "waiting", open: 1, title: "Really?" });
  await daemon.until("waiting", (report) => report?.status.state === "waiting");
  agent.say({ type: "waiting", open: 0 }, { type: "name", name: "The bug" });
  await daemon.until("the name", (report) => report?.name === "The bug");
  expect(daemon.last?.status).toEqual({ state: "working", since, source: "extension" });
  agent.say({ type: "run-settled", outcome: "error", error: "401" });
  await daemon.until("error", (report) => report?.status.error === "401");
  agent.socket.destroy();
  await daemon.until("the end", (report) => report === undefined);
});

test("its conversation is held for the process, one at a time, also when the daemon is gone", async () => {
  const own = await ownIdentity();
  const agent = await agentWith(identity("one"));
  await waitFor("the lease", async () => (await holderOf("one")) !== undefined);
  expect(await holderOf("one")).toEqual(own);
  agent.say(identity("two", { reason: "new" }));
  await waitFor("the second lease", async () => (await holderOf("two")) !== undefined);
  await daemon.until("the report", (report) => report?.conversation.id === "two");
  expect(await holderOf("one")).toBeUndefined();
  await daemon.close();
  await agent.closed;
  expect(await holderOf("two")).toEqual(own);
});

test("the next daemon takes over what is held, and lets go of what the process left meanwhile", async () => {
  await agentWith(identity("one"));
  await waitFor("the lease", async () => (await holderOf("one")) !== undefined);
  await daemon.close();
  daemon = await TestDaemon.start();
  const again = await agentWith(identity("two"));
  await daemon.until("the report", (report) => report?.conversation.id === "two");
  expect(await holderOf("one")).toBeUndefined();
  again.say(identity("two"), { type: "run-start" });
  await daemon.until("working", (report) => report?.status.state === "working");
  expect(again.said.map(({ type }) => type)).toEqual(["ready"]);
});

test("a conversation that is live in a session is declined, and one opened all the same is only warned of", async () => {
  const parent = await identityOf(process.ppid);
  if (parent === undefined) throw new Error("the parent has no identity");
  const host = { process: parent, session: "abcdefgh", socket: "/s" };
  await claimLease(world.work, "id:live", host);
  const agent = await agentWith(identity("mine"));
  agent.say({ type: "may-open", request: 7, conversationId: "live" });
  const answer = await agent.hears("may-open-answer");
  expect(answer).toMatchObject({ request: 7, allowed: false });
  expect(JSON.stringify(answer)).toContain("pisync attach abcdefgh");
  agent.say(identity("live"), identity("live"), { type: "run-start" });
  await daemon.until("working", (report) => report?.status.state === "working");
  await agent.hears("notify");
  expect(daemon.last?.conversation.id).toBe("live");
  expect(agent.said.filter(({ type }) => type === "notify")).toHaveLength(1);
  expect(await holderOf("live")).toEqual(host.process);
});

test("of two connections of one process the newer speaks", async () => {
  const first = await agentWith(identity("one"));
  await daemon.until("one", (report) => report?.conversation.id === "one");
  await agentWith(identity("two"));
  await first.closed;
  await daemon.until("two", (report) => report?.conversation.id === "two");
  expect(daemon.reports.map(([, report]) => report?.conversation.id)).not.toContain(undefined);
});

test("a process that is not there, or ended, is not believed", async () => {
  const ended = spawn("true");
  await once(ended, "exit");
  const agent = await connect();
  agent.say(hello(ended.pid));
  expect(await agent.hears("error")).toMatchObject({ message: "There is no such process of this user." });
  await agent.closed;
  expect(daemon.reports).toEqual([]);
});

test.each([
  ["no JSON", "nonsense\n", "not a message"],
  ["an unknown message", `${JSON.stringify({ type: "reboot" })}\n`, "not a message"],
  ["a message before hello", `${JSON.stringify(identity("one"))}\n`, "hello is expected"],
  ["a second hello", `${JSON.stringify(hello())}\n${JSON.stringify(hello())}\n`, "One hello"],
  ["a line without an end", "x".repeat(1_100_000), "A line is limited"],
])("%s is an error for its sender alone", async (_what, bytes, sentence) => {
  const bystander = await agentWith(identity("two"));
  await daemon.until("the bystander", (report) => report?.conversation.id === "two");
  const child = spawn("sleep", ["300"]);
  const agent = await connect();
  agent.socket.write(bytes.replaceAll(`"pid":${process.pid}`, `"pid":${child.pid}`));
  expect(await agent.hears("error")).toMatchObject({ message: expect.stringContaining(sentence) as string });
  await agent.closed;
  bystander.say({ type: "run-start" });
  await daemon.until("working", (report) => report?.status.state === "working");
  child.kill();
  await once(child, "exit");
});

test("agents cannot use up the connections of clients", async () => {
  const agents = await Promise.all(Array.from({ length: 128 }, () => connect()));
  const oneMore = await connect();
  expect(await oneMore.hears("error")).toMatchObject({ message: "Too many agents are connected." });
  const client = connectSocket(join(world.root, "d.sock"));
  await once(client, "connect");
  client.destroy();
  for (const { socket } of agents) socket.destroy();
});
