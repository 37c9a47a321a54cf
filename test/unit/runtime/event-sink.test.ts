import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventFrame, openEventSink, type EventSink, type EventSinkOptions } from "../../../runtime/event-sink.ts";
import { openEventStream, type ServerEvent } from "../../../runtime/event-stream.ts";
import { createRouter } from "../../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../../runtime/http-server.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";
import { waitFor } from "../../support/wait-for.ts";

let world: TemporaryWorld;
let socketPath: string;
let server: UnixServer;
let sinks: EventSink[];
let closed: number;
let asked: (string | undefined)[];

beforeEach(async () => {
  world = await createWorld();
  socketPath = join(world.work, "x.sock");
  [sinks, closed, asked] = [[], 0, []];
});
afterEach(async () => {
  await server.close();
  await world.dispose();
});

async function serve(options: EventSinkOptions): Promise<void> {
  const router = createRouter().get("/events", ({ response, headers }) => {
    asked.push(headers["last-event-id"] as string | undefined);
    sinks.push(openEventSink(response, () => (closed += 1), options));
  });
  server = await listenUnix(router, socketPath);
}

async function read(): Promise<{ events: ServerEvent[]; close: () => void }> {
  const events: ServerEvent[] = [];
  const stream = await openEventStream(socketPath, "/events", { onEvent: (event) => events.push(event) });
  return { events, close: () => stream.close() };
}

/** A reader that takes the answer's head and nothing more. */
async function stall(): Promise<Socket> {
  const socket = connect(socketPath);
  socket.on("error", () => undefined);
  socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  const before = sinks.length;
  await waitFor("the reader to be served", () => sinks.length > before);
  return socket.pause();
}

test("one frame goes to many readers, with its id", async () => {
  await serve({});
  const readers = [await read(), await read()];
  const frame = eventFrame("change", '{"text":"a"}', "e-7");
  for (const sink of sinks) sink.write(frame);
  for (const { events, close } of readers) {
    await waitFor("the event", () => events.length > 0);
    expect(events).toEqual([{ event: "change", id: "e-7", data: '{"text":"a"}' }]);
    close();
  }
});

test("a reader says from which event on it reads", async () => {
  await serve({});
  const stream = await openEventStream(socketPath, "/events", { onEvent: () => undefined, lastEventId: "e-7" });
  stream.close();
  (await read()).close();
  expect(asked).toEqual(["e-7", undefined]);
});

test("comments keep the stream alive and are no events", async () => {
  await serve({ pingMs: 5 });
  const socket = connect(socketPath);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  await waitFor("three comments", () => text.split(": ping\n\n").length > 3);
  const { events, close } = await read();
  sinks[1]?.send("state", 1);
  await waitFor("the event", () => events.length > 0);
  expect(events).toHaveLength(1);
  close();
  socket.destroy();
});

test("a snapshot larger than what may stay unread reaches a reader that reads", async () => {
  await serve({});
  const { events, close } = await read();
  sinks[0]?.write(eventFrame("snapshot", JSON.stringify("x".repeat(6_000_000))));
  sinks[0]?.send("change", "behind it");
  await waitFor("both events", () => events.length === 2);
  expect(closed).toBe(0);
  close();
});

test("a reader that never takes its snapshot is dropped at the second comment", async () => {
  await serve({ pingMs: 50 });
  const socket = await stall();
  const { events, close } = await read();
  sinks[0]?.write(eventFrame("snapshot", JSON.stringify("x".repeat(6_000_000))));
  await waitFor("the stalled reader to be dropped", () => closed === 1);
  sinks[1]?.send("change", 1);
  await waitFor("the other one's event", () => events.length > 0);
  expect(closed).toBe(1);
  close();
  socket.destroy();
});

test("a reader that is gone before its stream is opened is told of, once", async () => {
  const router = createRouter().get("/events", async ({ response }) => {
    await once(response, "close");
    sinks.push(openEventSink(response, () => (closed += 1), { pingMs: 5 }));
  });
  server = await listenUnix(router, socketPath);
  const socket = connect(socketPath);
  socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n", () => socket.destroy());
  await waitFor("the sink", () => sinks.length === 1);
  sinks[0]?.send("state", 1);
  await waitFor("its end", () => closed === 1);
});
