import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createExternalChannel, type ExternalChannel } from "../../daemon/external/external-channel.ts";
import { openExternalControls, type ExternalControls } from "../../daemon/external/external-controls.ts";
import { externalIdOf } from "../../daemon/external/external-sessions.ts";
import { BridgeSettings } from "../../protocol/bridge-settings.ts";
import { EventEnvelope, History } from "../../protocol/events.ts";
import { MAX_IMAGE_BYTES, PromptList, PromptRecord } from "../../protocol/prompts.ts";
import { loadSessionRecords } from "../../daemon/sessions/session-records.ts";
import { addSessionRoutes } from "../../daemon/api/session-forward.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { createRouter } from "../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../runtime/http-server.ts";
import { openLog, type Log } from "../../runtime/log.ts";
import { statePaths } from "../../runtime/paths.ts";
import { identityOf } from "../../runtime/process-identity.ts";
import { ensureStateDirectories } from "../../runtime/secure-directory.ts";
import { connectAgent, hello, identity, type ChannelAgent } from "../support/channel-agent.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let log: Log;
let daemon: TestDaemon;
let children: ChildProcess[];
beforeEach(async () => {
  world = await createWorld();
  await ensureStateDirectories(statePaths(world.env));
  log = openLog(join(world.root, "daemon.log"));
  children = [];
  daemon = await TestDaemon.start();
});
afterEach(async () => {
  await daemon.close();
  for (const child of children) child.kill("SIGKILL");
  log.close();
  await world.dispose();
});

type DaemonParts = [ExternalChannel, ExternalControls, UnixServer];

/** What the daemon has of external pi, on a real socket. */
class TestDaemon {
  readonly #parts: DaemonParts;

  static async start(): Promise<TestDaemon> {
    const paths = statePaths(world.env);
    const bridgeSettings = () => Promise.resolve(BridgeSettings.parse({ enabled: false }));
    const controls = await openExternalControls({ paths, log, bridgeSettings, onEnd: () => undefined });
    const channel = createExternalChannel({ leasesDirectory: world.work, controls, report: () => undefined, log });
    const records = await loadSessionRecords(paths, log);
    const find = (id: string) => ({ id, kind: "external", title: "pi" }) as SessionSummary;
    const router = addSessionRoutes(createRouter(), { sessions: { find }, controls, records });
    const onUpgrade = channel.accept.bind(channel);
    return new TestDaemon([channel, controls, await listenUnix(router, socket(), { onUpgrade })]);
  }

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** Waits until what is asked of this session is not for nobody. */
  untilControlled(id: string): Promise<unknown> {
    return waitFor("the session to be controlled", () => this.#parts[1].get(id)?.state.connected);
  }

  async close(): Promise<void> {
    const [channel, controls, server] = this.#parts;
    channel.close();
    await controls.close();
    await server.close();
  }
}

const socket = () => join(world.root, "d.sock");

/** A process that passes for pi, and its session's id. */
async function startAgent(): Promise<{ child: ChildProcess; id: string }> {
  const child = spawn("sleep", ["300"]);
  children.push(child);
  const process = await waitFor("the process", () => identityOf(child.pid ?? 0));
  return { child, id: externalIdOf(process) };
}

/** Its extension is there, and has said what it has open. */
async function speak({ child, id }: { child: ChildProcess; id: string }): Promise<ChannelAgent> {
  const agent = await connectAgent(socket());
  agent.say(hello(child.pid), identity("one"));
  await agent.hears("ready");
  await daemon.untilControlled(id);
  return agent;
}

function send(id: string, prompt: object): Promise<PromptRecord> {
  return requestJson(socket(), "POST", `/v1/sessions/${id}/prompts`, { schema: PromptRecord, body: prompt });
}

function history(id: string): Promise<History> {
  return requestJson(socket(), "GET", `/v1/sessions/${id}/history?limit=500`, { schema: History });
}

async function kept(): Promise<string[]> {
  return readdir(statePaths(world.env).sessionsDirectory);
}

test("a prompt outlives the daemon, and is taken also before the extension is there again", async () => {
  const pi = await startAgent();
  const first = await speak(pi);
  await send(pi.id, { id: "one", text: "first" });
  expect(await first.hears("prompt")).toMatchObject({ id: "one" });
  await daemon.close();
  daemon = await TestDaemon.start();
  expect(await send(pi.id, { id: "two", text: "second" })).toMatchObject({ state: "queued" });
  const second = await speak(pi);
  expect(await second.hears("prompt")).toMatchObject({ id: "one", handedAt: expect.any(Number) as number });
  second.say({ type: "prompt-ended", id: "one", outcome: "delivered" });
  await waitFor("the other", () => second.said.find((message) => message.type === "prompt" && message.id === "two"));
});

test("what was said to nobody between two daemons is said to be lost, and no number comes twice", async () => {
  const pi = await startAgent();
  await speak(pi);
  const emit = () =>
    requestJson(socket(), "POST", `/v1/sessions/${pi.id}/emit`, { schema: EventEnvelope, body: { text: "hi" } });
  const { seq } = await emit();
  await daemon.close();
  daemon = await TestDaemon.start();
  await speak(pi);
  const after = await emit();
  const { events } = await history(pi.id);
  expect(events[0]).toMatchObject({ event: "lost", data: { to: (events[0]?.seq ?? 0) - 1 } });
  expect(events[0]?.seq).toBeGreaterThan(seq);
  expect(events.at(-1)?.seq).toBe(after.seq);
  expect(events.some(({ event }) => event === "host_start")).toBe(false);
});

test("nothing stays of a process that has ended, whether a daemon was there or not", async () => {
  const [here, gone] = [await startAgent(), await startAgent()];
  await speak(here);
  const agent = await speak(gone);
  await send(gone.id, { text: "never" });
  await send(here.id, { id: "owed", text: "never" });
  await waitFor("both", async () => (await kept()).length === 2);
  const over = requestJson(socket(), "GET", `/v1/sessions/${gone.id}/prompts`, { schema: PromptList });
  expect((await over).queued).toHaveLength(1);
  gone.child.kill("SIGKILL");
  await once(gone.child, "exit");
  agent.socket.destroy();
  await waitFor("its files to go", async () => !(await kept()).includes(gone.id));
  await daemon.close();
  here.child.kill("SIGKILL");
  await once(here.child, "exit");
  expect(await kept()).toEqual([here.id]);
  daemon = await TestDaemon.start();
  expect(await kept()).toEqual([]);
});

test("a log in the daemon takes at most 256 KiB, whatever is said", async () => {
  const pi = await startAgent();
  const agent = await speak(pi);
  const data = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field${index}`, "x".repeat(250)]));
  for (let at = 1; at <= 500; at += 1) agent.say({ type: "event", event: "activity", at, data });
  const { events } = await waitFor("all of it", async () => {
    const found = await history(pi.id);
    return found.events.at(-1)?.at === 500 ? found : undefined;
  });
  const bytes = events.reduce((sum, envelope) => sum + JSON.stringify(envelope).length, 0);
  expect(bytes).toBeGreaterThan(200 * 1024);
  expect(bytes).toBeLessThanOrEqual(256 * 1024);
});

test("all external pi share the room for prompts that wait", async () => {
  const [one, two] = [await startAgent(), await startAgent()];
  for (const pi of [one, two]) await speak(pi);
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(MAX_IMAGE_BYTES - 8)]);
  const images = [{ mimeType: "image/png", data: png.toString("base64") }];
  for (let count = 0; count < 4; count += 1) await send(one.id, { text: `${count}`, images });
  await expect(send(two.id, { text: "too much", images })).rejects.toMatchObject({ code: "queue-full" });
  await send(two.id, { text: "this fits" });
});
