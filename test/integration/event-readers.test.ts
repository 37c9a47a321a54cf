import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventEnvelope } from "../../protocol/events.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { startHost, type RunningHost } from "../support/host.ts";
import { LogReader } from "../support/log-reader.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let host: RunningHost;
beforeEach(async () => {
  world = await createWorld();
  host = await startHost(world, "exec sleep 300");
});
afterEach(async () => {
  await world.dispose();
});

const emit = (body: unknown) => requestJson(host.socket, "POST", "/v1/emit", { schema: EventEnvelope, body });

test("a reader begins with a snapshot, and goes on where it was", async () => {
  const first = await LogReader.open(host.socket);
  const { seq } = await emit({ text: "one" });
  await first.next("emit");
  expect(first.snapshots).toHaveLength(1);
  expect(first.snapshots[0]?.seq).toBe(seq - 1);
  first.stream.close();
  await emit({ text: "two" });
  using second = await LogReader.open(host.socket, { lastEventId: String(seq) });
  await second.next("emit");
  expect(second.events.map(({ data }) => data["text"])).toEqual(["two"]);
  expect([second.gaps, second.snapshots]).toEqual([[], []]);
});

test("a reader that comes too late is told what it missed, with a snapshot", async () => {
  for (let event = 0; event < 520; event += 1) await emit({ text: String(event) });
  using reader = await LogReader.open(host.socket, { lastEventId: "1" });
  await waitFor("all that is kept", () => reader.events.length === 500);
  const oldest = reader.events[0]?.seq ?? 0;
  expect(reader.gaps).toEqual([{ from: 2, to: oldest - 1 }]);
  expect(reader.snapshots).toHaveLength(1);
});

test.each(["9999999", "nonsense", "-1"])("an id that never was, %s, is a gap", async (lastEventId) => {
  using reader = await LogReader.open(host.socket, { lastEventId });
  await waitFor("the gap", () => reader.gaps.length === 1 && reader.snapshots.length === 1);
  expect(reader.gaps).toEqual([{ asked: lastEventId }]);
});

test("two hundred readers get every event, in order, beside one that never reads", async () => {
  const stalled = connect(host.socket);
  stalled.write("GET /v1/log HTTP/1.1\r\nhost: pisync\r\n\r\n");
  stalled.pause();
  const readers = await Promise.all(Array.from({ length: 200 }, () => LogReader.open(host.socket)));
  const seqs: number[] = [];
  for (let event = 0; event < 50; event += 1) seqs.push((await emit({ text: "x".repeat(200) })).seq);
  await waitFor("everybody to have everything", () => readers.every(({ events }) => events.length === 50));
  for (const reader of readers) {
    expect(reader.events.map(({ seq }) => seq)).toEqual(seqs);
    reader.stream.close();
  }
  stalled.destroy();
});

test("a reader that stops for a while loses nothing that is kept", async () => {
  const socket = connect(host.socket);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.write("GET /v1/log HTTP/1.1\r\nhost: pisync\r\n\r\n");
  // Only what is said from then on is sent to it.
  await waitFor("its snapshot", () => text.includes("event: snapshot\n"));
  socket.pause();
  let last = 0;
  for (let event = 0; event < 450; event += 1) last = (await emit({ data: wide(event) })).seq;
  socket.resume();
  await waitFor("the last event", () => text.includes(`id: ${last}\n`));
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(Array.from({ length: 450 }, (_, at) => last - 449 + at));
  socket.destroy();
});

/** About 7 KB, which previews do not shorten. */
function wide(event: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field${at}`, `${event}`.padEnd(220, "z")]));
}

test.each([
  ["GET", "/v1/history?limit=0"],
  ["GET", "/v1/history?since=yesterday"],
  ["GET", "/v1/history?event=%1b[31m"],
  ["GET", "/v1/log?raw=perhaps"],
  ["GET", "/v1/messages?limit=2001"],
  ["POST", "/v1/emit"],
] as const)("%s %s is refused", async (method, path) => {
  const refused = requestJson(host.socket, method, path, {
    schema: EventEnvelope,
    ...(method === "POST" && { body: {} }),
  });
  await expect(refused).rejects.toSatisfy((error) => error instanceof PisyncError && error.code === "malformed");
});

test("a session without the extension says that it cannot be asked", async () => {
  const refused = requestJson(host.socket, "GET", "/v1/messages", { schema: EventEnvelope });
  await expect(refused).rejects.toMatchObject({ code: "no-extension" });
});
