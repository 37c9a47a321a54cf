import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStateStream, type StateSources } from "../../../../daemon/api/state-stream.ts";
import { StateChange, StateSnapshot, type IndexState } from "../../../../protocol/daemon-state.ts";
import type { SessionSummary } from "../../../../protocol/session.ts";
import { openEventStream, type ServerEvent } from "../../../../runtime/event-stream.ts";
import { createRouter } from "../../../../runtime/http-router.ts";
import { listenUnix, type UnixServer } from "../../../../runtime/http-server.ts";
import { createWorld, type TemporaryWorld } from "../../../support/temporary-world.ts";
import { waitFor } from "../../../support/wait-for.ts";

/** A list and an index whose changes a test makes. */
class Sources implements StateSources {
  readonly entries = new Map<string, SessionSummary>();
  #listener: ((change: StateChange) => void) | undefined;
  #stateListener: (() => void) | undefined;
  #state: IndexState = {
    state: "scanning",
    conversations: 0,
    scanned: 0,
    found: 9,
    since: 1,
    textPendingBytes: 0,
    troubles: [],
  };
  readonly sessions: StateSources["sessions"] = {
    all: () => [...this.entries.values()],
    onChange: (listener) => {
      this.#listener = listener;
      return () => (this.#listener = undefined);
    },
  };
  readonly index: StateSources["index"] = {
    state: () => this.#state,
    onState: (listener) => {
      this.#stateListener = listener;
      return () => (this.#stateListener = undefined);
    },
  };

  #preferencesListener: (() => void) | undefined;
  readonly preferences = {
    mutedAll: false,
    onChange: (listener: () => void) => {
      this.#preferencesListener = listener;
      return () => (this.#preferencesListener = undefined);
    },
  };

  mute(muted: boolean): void {
    this.preferences.mutedAll = muted;
    this.#preferencesListener?.();
  }

  change(...changed: SessionSummary[]): void {
    for (const summary of changed) this.entries.set(summary.id, summary);
    this.#listener?.({ changed, removed: [] });
  }

  indexed(change: Partial<IndexState>): void {
    this.#state = { ...this.#state, ...change };
    this.#stateListener?.();
  }
}

function summary(number: number, title = "a title"): SessionSummary {
  const id = String(20_000_000 + number).replace(/[01]/g, "z");
  return {
    id: `${id}`,
    kind: "resumable",
    agent: "pi",
    title,
    titleSource: "name",
    cwd: "/work",
    views: 0,
    createdAt: number,
    updatedAt: number,
  };
}

let world: TemporaryWorld;
let socketPath: string;
let server: UnixServer;
let sources: Sources;
let close: () => void;
let open: number;

beforeEach(async () => {
  world = await createWorld();
  socketPath = join(world.work, "x.sock");
  sources = new Sources();
  open = 0;
  const stream = createStateStream(sources, "epoch");
  close = () => stream.close();
  const router = createRouter().get("/v1/events", (request) => {
    open += 1;
    request.response.once("close", () => (open -= 1));
    stream.serve(request);
  });
  server = await listenUnix(router, socketPath);
});
afterEach(async () => {
  close();
  await server.close();
  await world.dispose();
});

interface Reader {
  events: ServerEvent[];
  close(): void;
  until(count: number): Promise<ServerEvent[]>;
}

async function read(lastEventId?: string): Promise<Reader> {
  const events: ServerEvent[] = [];
  const onEvent = (event: ServerEvent) => events.push(event);
  const stream = await openEventStream(socketPath, "/v1/events", { onEvent, lastEventId });
  const until = async (count: number) => {
    await waitFor(`${count} events`, () => events.length >= count);
    return events;
  };
  return { events, close: () => stream.close(), until };
}

const names = (events: ServerEvent[]) => events.map(({ event }) => event);
const ids = (events: ServerEvent[]) => events.map(({ id }) => id);

test("a reader gets a snapshot, then each change with a number of its own", async () => {
  sources.change(summary(1));
  const reader = await read();
  await reader.until(1);
  sources.change(summary(1, "another"));
  sources.change(summary(2));
  const [first, ...changes] = await reader.until(3);
  expect(StateSnapshot.parse(JSON.parse(first?.data ?? "")).sessions).toEqual([summary(1)]);
  expect(changes.map(({ data }) => StateChange.parse(JSON.parse(data)).changed[0]?.title)).toEqual([
    "another",
    "a title",
  ]);
  expect(ids(reader.events)).toEqual(["epoch-1", "epoch-2", "epoch-3"]);
  reader.close();
});

test("a reader that comes again gets exactly what it missed", async () => {
  for (let number = 1; number <= 5; number += 1) sources.change(summary(number));
  const resumed = await read("epoch-3");
  expect(ids(await resumed.until(2))).toEqual(["epoch-4", "epoch-5"]);
  expect(names(resumed.events)).toEqual(["change", "change"]);
  const upToDate = await read("epoch-5");
  await waitFor("both readers", () => open === 2);
  sources.change(summary(6));
  expect(ids(await upToDate.until(1))).toEqual(["epoch-6"]);
  resumed.close();
  upToDate.close();
});

test.each([
  ["of another lifetime of the daemon", "before-2"],
  ["that is yet to come", "epoch-9"],
  ["that is none", "\u00ff%%epoch"],
  ["with a number that is none", "epoch-1e3"],
])("an event %s is a gap: said, then a snapshot", async (_, asked) => {
  sources.change(summary(1));
  const reader = await read(asked);
  const [gap, snapshot] = await reader.until(2);
  expect([gap?.event, gap?.id, snapshot?.event, snapshot?.id]).toEqual(["gap", undefined, "snapshot", "epoch-1"]);
  expect(JSON.parse(gap?.data ?? "")).toEqual({ asked: expect.any(String) as string });
  reader.close();
});

test("what is too long ago is a gap; what is kept is bounded in number and in bytes", async () => {
  for (let number = 1; number <= 1_001; number += 1) sources.change(summary(1));
  expect(names(await (await read("epoch-0")).until(2))).toEqual(["gap", "snapshot"]);
  expect(await (await read("epoch-1")).until(1_000)).toHaveLength(1_000);
  const large = summary(2, "x".repeat(100_000));
  for (let number = 1; number <= 6; number += 1) sources.change(large);
  expect(names(await (await read("epoch-1001")).until(2))).toEqual(["gap", "snapshot"]);
  expect(await (await read("epoch-1002")).until(5)).toHaveLength(5);
});

test("a change of very many entries is several events with all of them", async () => {
  const reader = await read();
  await reader.until(1);
  const many = Array.from({ length: 450 }, (_, number) => summary(number));
  sources.change(...many);
  const [, ...changes] = await reader.until(4);
  const told = changes.map(({ data }) => StateChange.parse(JSON.parse(data)).changed);
  expect(told.map(({ length }) => length)).toEqual([200, 200, 50]);
  expect(told.flat()).toEqual(many);
  reader.close();
});

test("the index's progress is told now and then, its end at once", async () => {
  const reader = await read();
  await reader.until(1);
  for (let scanned = 1; scanned <= 9; scanned += 1) sources.indexed({ scanned });
  const [, progress] = await reader.until(2);
  expect(JSON.parse(progress?.data ?? "")).toMatchObject({ state: "scanning", scanned: 9 });
  sources.indexed({ scanned: 1 });
  sources.indexed({ state: "ready" });
  sources.indexed({ state: "ready" });
  sources.change(summary(1));
  expect(names(await reader.until(4))).toEqual(["snapshot", "index", "index", "change"]);
  reader.close();
});

test("one of 200 readers that stops reading is dropped; the others miss nothing", async () => {
  const readers = await Promise.all(Array.from({ length: 199 }, () => read()));
  const stalled = connect(socketPath);
  stalled.on("error", () => undefined);
  stalled.write("GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n");
  stalled.pause();
  await waitFor("all readers", () => open === 200);
  const large = summary(1, "x".repeat(50_000));
  let sent = 0;
  while (open === 200) {
    sources.change(large);
    sent += 1;
    const last = sent + 1;
    await Promise.all(readers.map((reader) => reader.until(last)));
  }
  const expected = ["epoch-0", ...Array.from({ length: sent }, (_, number) => `epoch-${number + 1}`)];
  for (const reader of readers) {
    expect(ids(reader.events)).toEqual(expected);
    reader.close();
  }
  stalled.destroy();
});

test("what the user wants of all sessions is in the snapshot, and told when it changes", async () => {
  const reader = await read();
  await reader.until(1);
  for (const muted of [true, true, false]) sources.mute(muted);
  const [snapshot, ...later] = await reader.until(3);
  expect(StateSnapshot.parse(JSON.parse(snapshot?.data ?? "")).preferences).toEqual({ mutedAll: false });
  expect(later.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
    ["preferences", { mutedAll: true }],
    ["preferences", { mutedAll: false }],
  ]);
  sources.mute(true);
  const [after] = await (await read()).until(1);
  expect(StateSnapshot.parse(JSON.parse(after?.data ?? "")).preferences).toEqual({ mutedAll: true });
});
