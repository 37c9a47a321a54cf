import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, onTestFinished, test, vi } from "vitest";
import { EventLog } from "../../../control/event-log.ts";
import { EventReaders } from "../../../control/event-readers.ts";
import { EVENT_BOUNDS } from "../../../protocol/event-bounds.ts";
import type { LogSnapshot } from "../../../protocol/events.ts";
import { openEventStream } from "../../../runtime/event-stream.ts";
import { createRouter } from "../../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../../runtime/http-server.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";
import { waitFor } from "../../support/wait-for.ts";

const PING_MS = 50;

let world: TemporaryWorld;
let socketPath: string;
let server: UnixServer;
let log: EventLog;
let readers: EventReaders;
beforeEach(async () => {
  world = await createWorld();
  socketPath = join(world.work, "x.sock");
  let last = 0;
  const counter = {
    get last() {
      return last;
    },
    next: () => ++last,
  };
  const spill = { keep: () => undefined, read: () => Promise.resolve(undefined), forget: () => undefined };
  log = new EventLog({ session: "abcdefgh", counter, spill, historyBytes: EVENT_BOUNDS.historyBytes });
  readers = new EventReaders(log, () => ({}) as LogSnapshot, { pingMs: PING_MS });
  server = await listenUnix(
    createRouter().get("/v1/log", (request) => readers.serve(request)),
    socketPath,
  );
});
afterEach(async () => {
  readers.close();
  await server.close();
  await world.dispose();
});

const add = (text: string) => log.append({ event: "emit", at: 1, data: { text } });

test("a reader to whom nothing happens is sent comments", async () => {
  const socket = connect(socketPath);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.write("GET /v1/log HTTP/1.1\r\nhost: x\r\n\r\n");
  await waitFor("three comments", () => text.split(": ping\n\n").length > 3);
  socket.destroy();
  await waitFor("it to be forgotten", () => readers.count === 0);
});

test("a reader that takes nothing between two comments is dropped, and no other", async () => {
  // A moment in which this process gets no core is none in which a reader takes nothing.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const stalled = connect(socketPath);
  stalled.on("error", () => undefined);
  stalled.write("GET /v1/log HTTP/1.1\r\nhost: x\r\n\r\n");
  stalled.pause();
  const texts: unknown[] = [];
  const stream = await openEventStream(socketPath, "/v1/log", { onEvent: ({ data }) => texts.push(data) });
  await waitFor("both", () => readers.count === 2);
  // More than the sockets between them hold, and in pieces that previews do not shorten.
  const data = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field${at}`, "z".repeat(220)]));
  for (let event = 0; event < 490; event += 1) log.append({ event: "emit", at: 1, data });
  for (const moment of ["before", "between", "after"]) {
    const { seq } = add(moment);
    await waitFor("the other one's event", () => String(texts.at(-1)).includes(`"seq":${seq},`));
    vi.advanceTimersByTime(PING_MS);
  }
  await waitFor("the stalled one to be dropped", () => readers.count === 1);
  const { seq } = add("without it");
  await waitFor("the other one's event", () => String(texts.at(-1)).includes(`"seq":${seq},`));
  stream.close();
  stalled.destroy();
});

test("hundreds of readers that come and go leave nothing behind", async () => {
  for (let round = 0; round < 10; round += 1) {
    const streams = await Promise.all(
      Array.from({ length: 40 }, () => openEventStream(socketPath, "/v1/log", { onEvent: () => undefined })),
    );
    for (const stream of streams) stream.close();
    await waitFor("nobody to be left", () => readers.count === 0);
  }
  add("for nobody");
});
