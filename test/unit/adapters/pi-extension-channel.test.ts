import { join } from "node:path";
import * as esbuild from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentChannel, type AgentChannel } from "../../../adapters/agents/pi/extension/channel.ts";
import { isOlder, piVersion } from "../../../adapters/agents/pi/extension/pi-version.ts";
import type { AgentToHost } from "../../../protocol/agent-channel.ts";
import { startAgentHost, type AgentHost } from "../../fixtures/pi/agent-host.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

const hello: AgentToHost = { type: "hello", token: "t", pid: 1, missing: [] };
const identity: AgentToHost = { type: "identity", reason: "startup", conversationId: "c", cwd: "/", running: false };
const session = { identity: () => identity, command: () => undefined };

let world: TemporaryWorld;
let host: AgentHost;
let channel: AgentChannel;
let round = 0;

beforeEach(async () => {
  world = await createWorld();
  host = await startAgentHost(join(world.root, "host.sock"));
  channel = agentChannel({ socket: host.socketPath, token: `t${++round}` }, hello);
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await world.dispose();
});

test("a process has one channel to a host, however often the extension is loaded", () => {
  expect(agentChannel({ socket: host.socketPath, token: `t${round}` }, hello)).toBe(channel);
});

test("hello, then the session, then what was said of it while there was no connection, the newest 64", async () => {
  channel.bind(session);
  for (let number = 0; number < 100; number += 1) channel.send({ type: "name", name: String(number) });
  await host.next("hello");
  for (let number = 36; number < 100; number += 1) {
    expect(await host.next("name")).toEqual({ type: "name", name: String(number) });
  }
  expect(host.received.slice(0, 2)).toEqual([hello, identity]);
  expect(host.received).toHaveLength(66);
});

test("what was unsent of the session before is forgotten with it", async () => {
  channel.bind(session);
  channel.send({ type: "name", name: "old" });
  channel.bind(session);
  channel.send({ type: "name", name: "new" });
  expect(await host.next("name")).toEqual({ type: "name", name: "new" });
});

test("nobody is spoken for between two sessions", async () => {
  channel.bind(session);
  await host.next("identity");
  channel.unbind();
  await host.drop();
  await host.next("hello");
  channel.send({ type: "run-start" });
  await host.next("run-start");
  expect(host.received.filter(({ type }) => type === "identity")).toHaveLength(1);
});

test("a session that fails to say who it is disturbs nothing", async () => {
  channel.bind({
    ...session,
    identity: () => {
      throw new Error("stale");
    },
  });
  channel.send({ type: "run-start" });
  await host.next("run-start");
});

test("may-open: the host's answer, or none after a second", async () => {
  channel.bind(session);
  host.decide = ({ conversationId }) => (conversationId === "held" ? { allowed: false, message: "no" } : undefined);
  expect(await channel.mayOpen("held", "/p")).toMatchObject({ allowed: false, message: "no" });
  expect(await channel.mayOpen("other", "/p")).toBeUndefined();
});

test("a host's path that can be no socket is given up", () => {
  expect(() => agentChannel({ socket: "\0", token: "x" }, hello)).not.toThrow();
  expect(() => agentChannel({ socket: `/${"x".repeat(300)}`, token: "x" }, hello)).not.toThrow();
});

test.each([
  ["0.80.3", "0.80.4", true],
  ["0.80.4", "0.80.4", false],
  ["0.80.4-beta.1", "0.80.4", false],
  ["0.73.1", "0.80.4", true],
  ["1.0.0", "0.80.4", false],
  ["0.100.0", "0.80.4", false],
  [undefined, "0.80.4", false],
])("%s is older than %s: %s", (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected);
});

test("outside pi no version is found", () => {
  expect(piVersion()).toBeUndefined();
});

test("the bundle imports Node's own modules and nothing else", async () => {
  const { metafile } = await esbuild.build({
    entryPoints: [join(import.meta.dirname, "../../../adapters/agents/pi/extension/pisync-extension.ts")],
    ...{ bundle: true, format: "esm", platform: "node", target: "node20", write: false, metafile: true },
  });
  const [output] = Object.values(metafile.outputs);
  expect(output?.imports.filter(({ path }) => !path.startsWith("node:"))).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => !path.includes("adapters/agents/pi/extension/"))).toEqual([]);
});
