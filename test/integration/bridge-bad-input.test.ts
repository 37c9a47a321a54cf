import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statePaths } from "../../runtime/paths.ts";
import { OriginalClient } from "../support/bridge-client.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";
import { waitFor } from "../support/wait-for.ts";

const AGENT = join(import.meta.dirname, "..", "fixtures", "agent", "scripted-agent.ts");
const SIZE = { cols: 400, rows: 50 };

let world: TemporaryWorld;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.dispose());

interface Agent {
  host: RunningHost;
  view: TestView;
  /** Of the bridge directory. */
  directory: string;
  socketPath: string;
  registryFile: string;
  /** Has the agent say something on its channel. */
  say(message: object): void;
}

/** A host with an agent that has said hello, and whose bridge looks after itself ten times a second. */
async function startAgent(settings: object = {}): Promise<Agent> {
  const config = join(world.home, ".config", "pisync");
  await mkdir(config, { recursive: true });
  await writeFile(join(config, "config.json"), JSON.stringify({ bridge: { heartbeatMs: 100, ...settings } }));
  const host = await startHost(world, "", {
    agent: "pi",
    argv: ["pi"],
    file: process.execPath,
    args: [AGENT],
    expectsExtension: true,
    size: SIZE,
  });
  const view = await TestView.open(host.socket, { size: SIZE });
  await view.waitForText('"type":"ready"');
  const pid = host.record.host?.child?.pid;
  const directory = join(world.root, "tmp", `pi-session-bridge-${process.getuid?.()}`);
  return {
    host,
    view,
    directory,
    socketPath: join(directory, `pi-${pid}.sock`),
    registryFile: join(directory, "instances", `${pid}.json`),
    say: (message) => view.type(`${JSON.stringify(message)}\r`),
  };
}

/** The log of the host, once it says that. */
async function logged(words: string): Promise<string> {
  return waitFor(`the log to say ${words}`, async () => {
    const directory = statePaths(world.env).logsDirectory;
    const texts = await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), "utf8")));
    return texts.find((text) => text.includes(words));
  });
}

function client({ socketPath }: Agent): Promise<OriginalClient> {
  return waitFor("the bridge", () => OriginalClient.open(socketPath).catch(() => undefined));
}

/** Whatever was sent, another client notices nothing. */
async function expectUnharmed(bystander: OriginalClient): Promise<void> {
  const message = `unharmed ${randomUUID()}`;
  await bystander.ok({ type: "emit", message });
  await bystander.next(
    ({ event, data }) => event === "bridge_emit" && (data as { message: string }).message === message,
  );
}
const NO_REQUESTS: [line: string, error: string][] = [
  ["{", "one line of JSON"],
  ["[]", "one line of JSON"],
  ["{}", "one line of JSON"],
  ["\xff\xfe\x00", "one line of JSON"],
  ['{"type":"dance"}', "Unknown command type: dance"],
  ['{"type":"constructor"}', "Unknown command type: constructor"],
  ['{"type":"prompt"}', "Expected string message or content array"],
  ['{"type":"prompt","message":7}', "The request is not of the expected shape"],
  ['{"type":"answer"}', "Expected requestId/request_id"],
  ['{"type":"history","since":"yesterday"}', "since has to be a time"],
  [JSON.stringify({ type: "emit", message: "x".repeat(70_000) }), "The message is not of the expected shape"],
  [JSON.stringify({ type: "emit", message: "x".repeat(1024 * 1024) }), "Input line exceeds 1048576 bytes"],
];

describe("a bridge", () => {
  it("answers what is no request with an error, and goes on", async () => {
    const agent = await startAgent();
    using bystander = await client(agent);
    using sender = await client(agent);
    for (const [line, error] of NO_REQUESTS) {
      const skip = sender.messages.length;
      sender.socket.write(Buffer.from(`${line}\n`, "latin1"));
      const answer = await sender.next(({ type }) => type === "response", skip);
      expect(answer).toMatchObject({ success: false, error: expect.stringContaining(error) as string });
    }
    expect(await sender.ok({ type: "ping" })).toHaveProperty("state");
    await expectUnharmed(bystander);
  });

  it("takes requests in pieces and several at once, and answers who has said all it has to say", async () => {
    const agent = await startAgent();
    using bystander = await client(agent);
    using sender = await client(agent);
    const bytes = Buffer.from('{"id":1,"type":"emit","message":"grün"}\r\n\n{"id":2,"type":"ping"}\n{"id":3,"ty');
    for (const byte of bytes) sender.socket.write(Buffer.of(byte));
    await sender.next(({ id }) => id === 2);
    expect(sender.messages.find(({ id }) => id === 1)).toMatchObject({ data: { message: "grün" } });
    using brief = await client(agent);
    brief.socket.end('{"id":4,"type":"get_state"}\n{"half');
    await brief.closed;
    expect(brief.messages.at(-1)).toMatchObject({ id: 4, success: true });
    await expectUnharmed(bystander);
  });

  it("keeps nothing for a client that does not read, and says what it missed", async () => {
    const agent = await startAgent();
    using bystander = await client(agent);
    using stalled = await client(agent);
    stalled.socket.pause();
    for (let asked = 0; asked < 200; asked += 1) stalled.socket.write('{"type":"history"}\n');
    const message = "x".repeat(4_000);
    const emitted = Array.from({ length: 600 }, () => bystander.ok({ type: "emit", message }));
    await Promise.all(emitted);
    const { host } = agent;
    const memory = await readFile(`/proc/${host.pid}/status`, "utf8").catch(() => "");
    expect(Number(/VmRSS:\s+(\d+)/.exec(memory)?.[1] ?? 0)).toBeLessThan(160 * 1024);
    stalled.socket.resume();
    const missed = await stalled.next(({ type }) => type === "bridge_error");
    expect(missed["error"]).toMatch(/^\d+ events were not sent/);
    await expectUnharmed(bystander);
  });

  it("refuses clients beyond its limit, and serves those that it has", async () => {
    const agent = await startAgent();
    using bystander = await client(agent);
    const crowd = await Promise.all(Array.from({ length: 63 }, () => client(agent)));
    using refused = await client(agent);
    await refused.closed;
    expect(refused.messages).toMatchObject([{ success: false, error: expect.stringContaining("close one") as string }]);
    await expectUnharmed(bystander);
    for (const one of crowd) one.socket.destroy();
    const again = await waitFor("room", async () => {
      const next = await client(agent);
      return Promise.race([
        next.next(({ type }) => type === "bridge_hello"),
        next.closed.then(() => undefined),
      ]).finally(() => next.socket.destroy());
    });
    expect(again).toMatchObject({ type: "bridge_hello" });
  });

  it("keeps and takes as much as its settings say", async () => {
    const agent = await startAgent({ maxHistoryBytes: 65_536, maxLineBytes: 4_096, eventPreviewBytes: 16 });
    using sender = await client(agent);
    sender.socket.write(`${JSON.stringify({ type: "emit", message: "x".repeat(5_000) })}\n`);
    expect(await sender.next(({ type }) => type === "response")).toMatchObject({
      error: "Input line exceeds 4096 bytes",
    });
    const emitted = Array.from({ length: 400 }, () => sender.ok({ type: "emit", message: "y".repeat(250) }));
    await Promise.all(emitted);
    const { events } = (await sender.ok({ type: "history" })) as { events: unknown[] };
    expect(events.length).toBeGreaterThan(50);
    expect(events.length).toBeLessThan(250);
  });

  it("ends without waiting long for a client that does not read", async () => {
    const agent = await startAgent();
    using stalled = await client(agent);
    stalled.socket.pause();
    for (let asked = 0; asked < 50; asked += 1) stalled.socket.write('{"type":"get_state"}\n');
    agent.view.type("exit 0\r");
    await agent.host.exited;
    expect(await readdir(join(agent.directory, "instances"))).toEqual([]);
    expect((await readdir(agent.directory)).sort()).toEqual(["instances"]);
  });
});

describe("the name of the socket", () => {
  /** As the extension itself does it: it takes whatever stands there for its own of before. */
  async function takeOver({ socketPath, registryFile }: Agent): Promise<Server> {
    const server = createServer((socket) => {
      // Whoever only looks whether somebody is there leaves at once.
      socket.on("error", () => undefined);
      socket.end('{"type":"bridge_hello","theirs":true}\n');
    });
    // The bridge may have made it anew in between.
    await waitFor("the name to be free", async () => {
      await rm(socketPath, { force: true });
      server.listen(socketPath);
      await once(server, "listening");
      return true;
    });
    await writeFile(registryFile, '{"theirs":true}');
    return server;
  }

  /** Who writes the registry file last does not matter: it names the same socket. */
  async function isTheirs({ socketPath, registryFile }: Agent): Promise<void> {
    using visitor = await OriginalClient.open(socketPath);
    expect(await visitor.next(() => true)).toMatchObject({ theirs: true });
    expect(await readFile(registryFile, "utf8")).toMatch(/^{/);
  }

  it("stays with another bridge that has it, until that one has ended", async () => {
    const agent = await startAgent();
    using first = await client(agent);
    const server = await takeOver(agent);
    await logged("Another process listens");
    await isTheirs(agent);
    // The session, and who was here before, go on.
    await expectUnharmed(first);
    await new Promise((resolve) => server.close(resolve));
    using back = await waitFor("the bridge to be back", async () => {
      const next = await client(agent);
      const hello = await Promise.race([next.next(({ type }) => type === "bridge_hello"), next.closed]);
      return (hello as { state?: unknown } | undefined)?.state === undefined ? undefined : next;
    });
    await expectUnharmed(back);
  });

  it("is another's at the end of the session, too", async () => {
    const agent = await startAgent();
    (await client(agent)).socket.destroy();
    const server = await takeOver(agent);
    agent.view.type("exit 0\r");
    await agent.host.exited;
    await isTheirs(agent);
    await new Promise((resolve) => server.close(resolve));
  });

  it("is taken again when somebody has tidied it away", async () => {
    const agent = await startAgent();
    (await client(agent)).socket.destroy();
    // In one step: the bridge may be writing its registry file in there.
    await rename(agent.directory, join(world.work, "tidied away"));
    using back = await client(agent);
    await expectUnharmed(back);
  });

  it("is not in a directory that others can open: the log says so, and the session runs", async () => {
    const directory = join(world.root, "tmp", `pi-session-bridge-${process.getuid?.()}`);
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o755);
    const agent = await startAgent();
    await logged("is open to other users");
    expect(await readdir(directory)).toEqual([]);
    agent.say({ type: "identity", reason: "startup", conversationId: "c-1", cwd: "/", running: false });
    await agent.host.until("idle", ({ status }) => status?.state === "idle");
  });

  it("is free of what a killed bridge has left", async () => {
    const directory = join(world.root, "tmp", `pi-session-bridge-${process.getuid?.()}`);
    await mkdir(join(directory, "instances"), { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    // No process has the highest pid that Linux gives, plus one.
    await writeFile(join(directory, "instances", "4194305.json"), "{}");
    await writeFile(join(directory, "pi-4194305.sock"), "");
    const agent = await startAgent();
    (await client(agent)).socket.destroy();
    expect(await readdir(join(directory, "instances"))).not.toContain("4194305.json");
    expect(await readdir(directory)).not.toContain("pi-4194305.sock");
  });
});
