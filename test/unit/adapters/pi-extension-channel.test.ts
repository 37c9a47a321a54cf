import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentChannel } from "../../../adapters/agents/pi/extension/channel.ts";
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

beforeEach(async () => {
  world = await createWorld();
  host = await startAgentHost(join(world.root, "host.sock"));
  channel = new AgentChannel(host.socketPath, hello);
  channel.open();
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await world.dispose();
});

test("hello, then the session, then how the last run ended: the rest of what was unsaid is in the session", async () => {
  channel.bind(session);
  for (const outcome of ["error", "done"] as const) {
    channel.send({ type: "run-start" });
    channel.send({ type: "run-settled", outcome });
    channel.send({ type: "name", name: outcome });
  }
  await host.next("run-settled");
  expect(host.received).toEqual([hello, identity, { type: "run-settled", outcome: "done" }]);
});

test("a run that has begun since has no end to tell", async () => {
  channel.bind(session);
  channel.send({ type: "run-settled", outcome: "error" });
  channel.send({ type: "run-start" });
  await host.next("identity");
  channel.send({ type: "name", name: "next" });
  await host.next("name");
  expect(host.received.map(({ type }) => type)).toEqual(["hello", "identity", "name"]);
});

test("opening twice connects once", async () => {
  channel.open();
  channel.bind(session);
  await host.next("identity");
  channel.send({ type: "run-start" });
  await host.next("run-start");
  expect(host.received.filter(({ type }) => type === "hello")).toHaveLength(1);
});

test("what was unsent of the session before is forgotten with it", async () => {
  channel.bind(session);
  channel.send({ type: "run-settled", outcome: "error" });
  channel.bind(session);
  channel.send({ type: "run-settled", outcome: "done" });
  expect(await host.next("run-settled")).toEqual({ type: "run-settled", outcome: "done" });
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
  await host.next("hello");
  channel.send({ type: "run-start" });
  await host.next("run-start");
});

test("may-open: the host's answer, or none after a second", async () => {
  channel.bind(session);
  expect(await channel.mayOpen("held", "/p")).toBeUndefined();
  await host.next("identity");
  host.decide = ({ conversationId }) => (conversationId === "held" ? { allowed: false, message: "no" } : undefined);
  expect(await channel.mayOpen("held", "/p")).toMatchObject({ allowed: false, message: "no" });
  expect(await channel.mayOpen("other", "/p")).toBeUndefined();
});

test("a path that can be no socket, or lies where others may write, is not connected to", async () => {
  expect(() => new AgentChannel("\0", hello).open()).not.toThrow();
  expect(() => new AgentChannel(join(world.root, "x".repeat(300)), hello).open()).not.toThrow();
  const open = join(world.work, "open");
  await mkdir(open);
  await chmod(open, 0o770);
  await using other = await startAgentHost(join(open, "host.sock"));
  const distrusting = new AgentChannel(other.socketPath, hello);
  distrusting.open();
  await host.next("hello");
  expect(other.received).toEqual([]);
  await chmod(open, 0o700);
  await other.next("hello");
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
