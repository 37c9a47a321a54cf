import { appendFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StateChange, StateSnapshot } from "../../protocol/daemon-state.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { openEventStream, type ServerEvent } from "../../runtime/event-stream.ts";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import type { TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let daemonPid: number;
let readers: Reader[];
eachInDaemonWorld((started) => ({ world, client, daemonPid } = started));
beforeEach(() => {
  readers = [];
});
afterEach(() => {
  for (const reader of readers) reader.close();
});

/** A real client of the stream that keeps its own list, as the sidebar does. */
class Reader {
  readonly events: ServerEvent[] = [];
  readonly sessions = new Map<string, SessionSummary>();
  #close: () => void = () => undefined;

  static async open(lastEventId?: string): Promise<Reader> {
    const reader = new Reader();
    const onEvent = (event: ServerEvent) => reader.#take(event);
    const stream = await openEventStream(client.paths.daemonSocket, "/v1/events", { onEvent, lastEventId });
    reader.#close = () => stream.close();
    readers.push(reader);
    return reader;
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== undefined)?.id ?? "";
  }

  /** The numbers of the events, in the order in which they came. */
  get numbers(): number[] {
    return this.events.flatMap(({ id }) => (id === undefined ? [] : Number(id.split("-")[1])));
  }

  close(): void {
    this.#close();
  }

  #take(event: ServerEvent): void {
    this.events.push(event);
    if (event.event === "snapshot") {
      this.sessions.clear();
      for (const session of StateSnapshot.parse(JSON.parse(event.data)).sessions)
        this.sessions.set(session.id, session);
    }
    if (event.event !== "change") return;
    const { changed, removed } = StateChange.parse(JSON.parse(event.data));
    for (const id of removed) this.sessions.delete(id);
    for (const session of changed) this.sessions.set(session.id, session);
  }
}

const fileOf = (number: number) => join(world.agentDirectory, "sessions", "--work--", `0198-${number}.jsonl`);

const write = (number: number) =>
  writeConversation(fileOf(number), { id: `0198-${number}`, cwd: world.work, text: `prompt ${number}` });

async function say(number: number): Promise<void> {
  const message = { role: "user", content: "more" };
  const entry = { type: "message", id: "0000000a", timestamp: new Date().toISOString(), message };
  await appendFile(fileOf(number), `${JSON.stringify(entry)}\n`);
}

/** Conversations appear, grow and are resumed, all at once. */
async function makeChanges(count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  await Promise.all(numbers.map(write));
  for (let round = 0; round < 5; round += 1) await Promise.all(numbers.map(say));
  await Promise.all([client.launch({ name: "one" }), client.launch({ name: "two" })]);
}

/** Waits until the reader's list is the daemon's. */
function untilEqual(reader: Reader, conversations: number): Promise<unknown> {
  return waitFor("the reader's list to be the daemon's", async () => {
    const list = await client.list();
    const read = list.filter(({ messages }) => messages === 6).length;
    return (
      read === conversations &&
      list.every((session) => isEqual(reader.sessions, session)) &&
      list.length === reader.sessions.size
    );
  });
}

function isEqual(sessions: Map<string, SessionSummary>, session: SessionSummary): boolean {
  return JSON.stringify(sessions.get(session.id)) === JSON.stringify(session);
}

test("under load no number is missing, and what a reader was told is what the daemon says", async () => {
  const reader = await Reader.open();
  await makeChanges(40);
  await untilEqual(reader, 40);
  const [first = 0] = reader.numbers;
  expect(reader.numbers).toEqual(reader.numbers.map((_, at) => first + at));
  expect(reader.events.filter(({ event }) => event === "snapshot")).toHaveLength(1);
});

test("a reader that was away gets exactly what it missed", async () => {
  const before = await Reader.open();
  await waitFor("the snapshot", () => before.events.length > 0);
  before.close();
  await makeChanges(10);
  const steady = await Reader.open();
  await untilEqual(steady, 10);
  const again = await Reader.open(before.lastId);
  // Statuses and the index go on changing meanwhile.
  await waitFor("what it missed", () => again.lastId === steady.lastId);
  const last = before.numbers.at(-1) ?? 0;
  expect(again.numbers).toEqual(again.numbers.map((_, at) => last + 1 + at));
  expect(again.events.map(({ event }) => event)).not.toContain("snapshot");
  for (const [id, session] of before.sessions) if (!again.sessions.has(id)) again.sessions.set(id, session);
  await untilEqual(again, 10);
});

test("after the daemon was replaced a reader is told that it cannot go on, and then everything", async () => {
  const reader = await Reader.open();
  const { session } = await client.launch();
  await waitFor("the session", () => reader.sessions.get(session.id)?.kind === "live");
  await client.crash(daemonPid);
  await client.start();
  const again = await Reader.open(reader.lastId);
  await waitFor("the snapshot", () => again.events.length > 1);
  expect(again.events.slice(0, 2).map(({ event }) => event)).toEqual(["gap", "snapshot"]);
  expect(JSON.parse(again.events[0]?.data ?? "")).toEqual({ asked: reader.lastId });
  expect(again.sessions.get(session.id)).toMatchObject({ kind: "live" });
});

test("a reader that stops reading is dropped, and the others are told everything", async () => {
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  await Promise.all(numbers.map(write));
  const reader = await Reader.open();
  await waitFor("the conversations", () => reader.sessions.size === numbers.length);
  const stalled = connect(client.paths.daemonSocket);
  stalled.on("error", () => undefined);
  stalled.write("GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n");
  stalled.pause();
  let rounds = 0;
  await waitFor("the stalled reader to be dropped", async () => {
    await Promise.all(numbers.map(say));
    rounds += 1;
    // Who does not read learns of its end by writing.
    stalled.write("\r\n");
    return stalled.destroyed;
  });
  const all = () => [...reader.sessions.values()].every(({ messages }) => messages === 1 + rounds);
  await waitFor("the other reader to be told everything", all);
  expect(reader.numbers).toEqual(reader.numbers.map((_, at) => (reader.numbers[0] ?? 0) + at));
});
