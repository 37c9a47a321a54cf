import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { say, setStage, untilReady } from "../fixtures/pi/running-pi.ts";
import { waitFor } from "../support/wait-for.ts";

test("the environment's names are those of the protocol", async () => {
  const { AGENT_SOCKET_VARIABLE, AGENT_TOKEN_VARIABLE } = await import("../../protocol/session-variables.ts");
  expect([AGENT_SOCKET_VARIABLE, AGENT_TOKEN_VARIABLE]).toEqual(["PISYNC_HOST_SOCKET", "PISYNC_AGENT_TOKEN"]);
});

test("a lost connection is made again, and the present is reported", async () => {
  await using stage = await setStage();
  const pi = stage.startPi();
  const { conversationId } = await stage.host.next("identity");
  const prompt = "bash: until [ -e reported ]; do sleep 0.1; done";
  await say(pi, prompt);
  await stage.host.next("run-start");
  await stage.host.drop();
  await stage.host.next("hello");
  expect(await stage.host.next("identity")).toMatchObject({ conversationId, running: true, firstMessage: prompt });
  await writeFile(join(stage.world.work, "reported"), "");
  expect(await stage.host.next("run-settled")).toMatchObject({ outcome: "done" });
});

test("what happened while the host's socket was gone is reported when it is back", async () => {
  await using stage = await setStage();
  const pi = stage.startPi();
  await stage.host.next("identity");
  await stage.host.drop({ refuse: true });
  await say(pi, "err400");
  await pi.waitForScreen("Bad request");
  await say(pi, "/name While away");
  await pi.waitForScreen("• While away");
  await stage.host.listen();
  await stage.host.next("hello");
  expect(await stage.host.next("identity")).toMatchObject({
    running: false,
    name: "While away",
    firstMessage: "err400",
  });
  expect(await stage.host.next("run-settled")).toMatchObject({ outcome: "error" });
});

test("without a host pi works and ends as ever", async () => {
  await using stage = await setStage();
  const env = { PISYNC_HOST_SOCKET: join(stage.world.root, "nobody.sock") };
  const pi = stage.startPi([], { env });
  await untilReady(pi);
  await say(pi, "hello");
  await pi.waitForScreen("Echo reply to: hello");
  await say(pi, "/new");
  await pi.waitForScreen("New session started");
  await say(pi, "/quit");
  expect(await pi.exit).toEqual({ exitCode: 0, signal: undefined });
  expect(await stage.startPi(["-p", "hello"], { env }).exit).toEqual({ exitCode: 0, signal: undefined });
});

test("without the environment of a host the extension connects to nothing", async () => {
  await using stage = await setStage();
  const pi = stage.startPi([], { env: { PISYNC_AGENT_TOKEN: "" } });
  await untilReady(pi);
  await say(pi, "hello");
  await pi.waitForScreen("Echo reply to: hello");
  expect(stage.host.received).toEqual([]);
});

test("with a connected host pi ends as ever: by itself, by SIGTERM and in print mode", async () => {
  await using stage = await setStage();
  const quits = stage.startPi();
  await stage.host.next("identity");
  await say(quits, "/quit");
  expect(await quits.exit).toEqual({ exitCode: 0, signal: undefined });

  const terminated = stage.startPi();
  await stage.host.next("identity");
  process.kill(terminated.pid, "SIGTERM");
  await terminated.exit;

  const prints = stage.startPi(["-p", "hello"]);
  await stage.host.next("hello");
  await prints.waitForScreen("Echo reply to: hello");
  expect(await prints.exit).toEqual({ exitCode: 0, signal: undefined });
});

/** A host that has lost its mind: each connection gets these bytes, and is then left open. */
async function babblingHost(path: string, bytes: Buffer): Promise<Server & { connections: number }> {
  const server = Object.assign(
    createServer((socket) => {
      server.connections += 1;
      socket.on("error", () => undefined);
      socket.write(bytes);
    }),
    { connections: 0 },
  );
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

const UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: pisync-agent\r\nConnection: Upgrade\r\n\r\n";

/** And how many connections there are in the end: a useless one is given up and made again. */
test.each([
  ["no HTTP", 2, Buffer.from("\0\xff garbage \r\n\r\n")],
  ["a refusal", 2, Buffer.from("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")],
  ["nonsense lines", 1, Buffer.from(`${UPGRADED}null\n{}\n[]\n{"type":"set-name"}\n\xff\xfe\n{"type":"shutdown"\n`)],
  ["an endless line", 2, Buffer.from(UPGRADED + "x".repeat(3 * 1024 * 1024))],
])("a host that sends %s does not disturb pi", async (_what, connections, bytes) => {
  await using stage = await setStage();
  const path = join(stage.world.root, "babble.sock");
  const server = await babblingHost(path, bytes);
  try {
    const pi = stage.startPi([], { env: { PISYNC_HOST_SOCKET: path } });
    await waitFor("the connections", () => server.connections >= connections);
    await untilReady(pi);
    await say(pi, "hello");
    await pi.waitForScreen("Echo reply to: hello");
    expect(pi.scrollbackText()).not.toMatch(/extension error|stack/i);
    await say(pi, "/quit");
    expect(await pi.exit).toEqual({ exitCode: 0, signal: undefined });
  } finally {
    server.close();
  }
});
