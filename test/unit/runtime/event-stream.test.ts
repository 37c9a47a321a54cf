import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEventSink, type EventSink } from "../../../runtime/event-sink.ts";
import { openEventStream, readEventStream, type ServerEvent } from "../../../runtime/event-stream.ts";
import { PisyncError } from "../../../runtime/failure.ts";
import { createRouter } from "../../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../../runtime/http-server.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let socketPath: string;
let server: UnixServer | undefined;
let sinks: EventSink[];
let sinksClosed: number;

beforeEach(async () => {
  world = await createWorld();
  socketPath = join(world.work, "x.sock");
  sinks = [];
  sinksClosed = 0;
  const router = createRouter()
    .get("/refuse", () => {
      throw new PisyncError("ambiguous-target", "Which one?");
    })
    .get("/events", ({ response }) => {
      sinks.push(openEventSink(response, () => (sinksClosed += 1)));
    });
  server = await listenUnix(router, socketPath);
});
afterEach(async () => {
  await server?.close();
  await world.dispose();
});

test("events arrive in order, and both sides learn of the end", async () => {
  const events: ServerEvent[] = [];
  const stream = await openEventStream(socketPath, "/events", { onEvent: (event) => events.push(event) });
  sinks[0]?.send("state", { text: "line\nline", value: 1 });
  sinks[0]?.send("state", { value: 2 });
  sinks[0]?.close();
  await stream.ended;
  expect(events.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
    ["state", { text: "line\nline", value: 1 }],
    ["state", { value: 2 }],
  ]);
  expect(sinksClosed).toBe(1);

  const second = await openEventStream(socketPath, "/events", { onEvent: () => undefined });
  second.close();
  await second.ended;
  await expect.poll(() => sinksClosed, { timeout: 20_000 }).toBe(2);
});

test("what a reader throws ends its stream, and nothing else", async () => {
  const seen: string[] = [];
  const stream = await openEventStream(socketPath, "/events", {
    onEvent: ({ data }) => {
      seen.push(data);
      throw new Error("not understood");
    },
  });
  for (const value of [1, 2]) sinks[0]?.send("state", value);
  await expect(stream.ended).rejects.toThrow("not understood");
  expect(seen).toEqual(["1"]);
  await expect.poll(() => sinksClosed, { timeout: 20_000 }).toBe(1);
});

test("a stream that is refused or whose server is closed says so", async () => {
  const open = (path: string) => openEventStream(socketPath, path, { onEvent: () => undefined });
  await expect(open("/refuse")).rejects.toMatchObject({ code: "ambiguous-target" });
  const stream = await open("/events");
  await server?.close();
  await stream.ended;
  await expect(open("/events")).rejects.toMatchObject({ code: "daemon-unreachable" });
  server = undefined;
});

test("a reader that stopped reading is dropped, another one is not", async () => {
  const stalled = connect(socketPath);
  stalled.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => sinks.length, { timeout: 20_000 }).toBe(1);
  stalled.pause();
  let received = 0;
  const reader = await openEventStream(socketPath, "/events", { onEvent: () => (received += 1) });
  while (sinksClosed === 0) {
    for (const sink of sinks) sink.send("state", "x".repeat(100_000));
    await new Promise(setImmediate);
  }
  const before = received;
  sinks[1]?.send("state", "still here");
  await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThan(before);
  expect(sinksClosed).toBe(1);
  stalled.destroy();
  reader.close();
});

test("who takes one event at a time is sent no more than that, and may stop", async () => {
  const events = readEventStream(socketPath, "/events", {});
  const first = events.next();
  await expect.poll(() => sinks.length, { timeout: 20_000 }).toBe(1);
  while (sinksClosed === 0) {
    sinks[0]?.send("state", "x".repeat(100_000));
    await new Promise(setImmediate);
  }
  expect((await first).value).toMatchObject({ event: "state" });
  // What lay in the socket's buffers is still there; then the stream is over, because its reader fell behind.
  for await (const { event } of events) expect(event).toBe("state");

  const again = readEventStream(socketPath, "/events", {});
  const next = again.next();
  await expect.poll(() => sinks.length, { timeout: 20_000 }).toBe(2);
  sinks[1]?.send("state", 1);
  await next;
  await again.return();
  await expect.poll(() => sinksClosed, { timeout: 20_000 }).toBe(2);
});
