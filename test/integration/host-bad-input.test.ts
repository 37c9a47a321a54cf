import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_VIEW_MESSAGE_BYTES } from "../../protocol/view.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { TestView } from "../support/view.ts";

const ECHO = `stty -echo; echo READY; while read -r line; do echo "[$line]"; done`;

let world: TemporaryWorld;
let host: RunningHost;
let bystander: TestView;
beforeEach(async () => {
  world = await createWorld();
  host = await startHost(world, ECHO);
  bystander = await TestView.open(host.socket);
  await bystander.waitForText("READY");
});
/** Whatever was sent, the others notice nothing. */
afterEach(async () => {
  bystander.type("unharmed\r");
  await bystander.waitForText("[unharmed]");
  await bystander.close();
  await world.dispose();
});

async function raw(bytes: string | Buffer): Promise<{ socket: Socket; answer: () => Promise<string> }> {
  const socket = connect(host.socket);
  await once(socket, "connect");
  let text = "";
  socket.on("data", (data: Buffer) => (text += data.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(bytes);
  const closed = once(socket, "close");
  return { socket, answer: () => closed.then(() => text) };
}

describe("the view protocol", () => {
  it.each([
    ["text that is no JSON", "{"],
    ["an unknown message", JSON.stringify({ type: "dance" })],
    ["a field of the wrong type", JSON.stringify({ type: "resize", cols: "80", rows: 24 })],
    ["a size of nothing", JSON.stringify({ type: "resize", cols: 0, rows: 24 })],
    [
      "a second hello",
      JSON.stringify({ type: "hello", protocol: 1, version: "1", mode: "mirror", cols: 80, rows: 24 }),
    ],
    ["an acknowledgement of what was never sent", JSON.stringify({ type: "ack", bytes: 1e12 })],
  ])("answers %s with an error and closes", async (_name, message) => {
    const view = await TestView.open(host.socket);
    view.sendRaw(message);
    expect((await view.closed).code).toBe(1008);
    expect(view.message("refused")?.error.code).toBe("malformed");
  });

  it("refuses input and messages before hello", async () => {
    for (const message of [Buffer.from("typed"), JSON.stringify({ type: "ack", bytes: 0 })]) {
      const view = await TestView.connect(host.socket);
      view.sendRaw(message);
      expect((await view.closed).code).toBe(1008);
    }
    expect(bystander.text()).not.toContain("typed");
  });

  it("refuses another protocol, with the way out", async () => {
    const view = await TestView.connect(host.socket);
    view.tell({ type: "hello", protocol: 99, version: "9.0.0", mode: "mirror", cols: 80, rows: 24 });
    await view.closed;
    expect(view.message("refused")?.error).toMatchObject({ code: "host-incompatible" });
    expect(view.message("refused")?.error.next).toContain("pisync resume");
  });

  it("closes on an oversized message", async () => {
    const view = await TestView.open(host.socket);
    view.type(Buffer.alloc(MAX_VIEW_MESSAGE_BYTES + 1, 0x61));
    expect((await view.closed).code).toBe(1009);
  });

  it("takes a large paste in pieces, all of it", async () => {
    const other = await startHost(world, `stty raw -echo; echo READY; head -c 3000000 | cksum; sleep 1000`);
    const view = await TestView.open(other.socket);
    await view.waitForText("READY");
    for (let sent = 0; sent < 3_000_000; sent += 60_000) view.type(Buffer.alloc(60_000, 0x78));
    await view.waitForText("3000000");
    await view.close();
  });

  it("bears half a frame and an abrupt end", async () => {
    const upgrade =
      "GET /v1/view HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const { socket, answer } = await raw(upgrade);
    // A masked text frame that announces 100 bytes and brings three.
    socket.write(Buffer.from([0x81, 0x80 | 100, 1, 2, 3, 4, 5, 6, 7]));
    await once(socket, "data");
    socket.destroy();
    expect(await answer()).toContain("101 Switching");
    const reserved = await raw(upgrade);
    reserved.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect(await reserved.answer()).toContain("101 Switching");
  });

  it("limits the views of a session", async () => {
    const views: TestView[] = [];
    for (let count = 1; count < 64; count++) views.push(await TestView.open(host.socket, { mode: "read-only" }));
    const tooMany = await TestView.open(host.socket);
    await tooMany.closed;
    expect(tooMany.message("refused")?.error.code).toBe("too-many-views");
    await Promise.all(views.map((view) => view.close()));
  });
});

describe("the host's HTTP API", () => {
  it("refuses what it does not know, with a code", async () => {
    for (const request of ["GET /v1/nothing", "POST /v1/state", "DELETE /"]) {
      const { answer } = await raw(`${request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(await answer()).toContain('"not-found"');
    }
    const { answer } = await raw("GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    expect(await answer()).toContain("404");
  });

  it("refuses bodies that are malformed or too large", async () => {
    const post = (body: string) =>
      raw(`POST /v1/rename HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(await (await post("{")).answer()).toContain('"malformed"');
    expect(await (await post('{"name":""}')).answer()).toContain('"malformed"');
    expect(await (await post(`{"name":"${"x".repeat(3_000_000)}"}`)).answer()).toContain('"too-large"');
  });

  it("answers bytes that are no HTTP", async () => {
    const { answer } = await raw(Buffer.from([0, 1, 2, 0xff, 13, 10, 13, 10]));
    expect(await answer()).toContain("400");
  });
});

describe("the agent channel", () => {
  const upgrade = "GET /v1/agent HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: pisync-agent\r\n\r\n";

  it.each([
    ["no JSON", "{\n"],
    ["an unknown message", '{"type":"dance"}\n'],
    ["a message before hello", '{"type":"run-start"}\n'],
    ["a hello with another token", '{"type":"hello","token":"wrong","pid":1,"missing":[]}\n'],
    ["a line without an end", Buffer.alloc(1024 * 1024 + 10, 0x20)],
  ])("answers %s with an error and closes", async (_name, line) => {
    const { socket, answer } = await raw(upgrade);
    await once(socket, "data");
    socket.write(line);
    expect(await answer()).toContain('"type":"error"');
    expect((await host.state()).status).toMatchObject({ state: "working", source: "process" });
  });
});
