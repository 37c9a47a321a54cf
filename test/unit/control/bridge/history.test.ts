import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BridgeHistory } from "../../../../control/bridge/history.ts";
import { EventCounter } from "../../../../control/event-counter.ts";
import { EventLog } from "../../../../control/event-log.ts";
import { EventSpill } from "../../../../control/event-spill.ts";
import { BridgeSettings } from "../../../../protocol/bridge-settings.ts";
import { EVENT_BOUNDS } from "../../../../protocol/event-bounds.ts";
import { BridgeHistoryRequest } from "../../../../protocol/pi-bridge.ts";

let directory: string;
let spill: EventSpill;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pbh-"));
  spill = new EventSpill(directory, EVENT_BOUNDS.spillBytes);
});
afterEach(async () => {
  await spill.close();
  rmSync(directory, { recursive: true, force: true });
});

function openHistory(settings: object = {}) {
  const { historyBytes } = EVENT_BOUNDS;
  const log = new EventLog({ session: "abcdefgh", counter: new EventCounter(directory), spill, historyBytes });
  const history = new BridgeHistory(log, BridgeSettings.parse(settings));
  const add = (event: string, data = {}, at = 1_000) => log.append({ event, data, at });
  return { log, history, add, ask: (query: object = {}) => history.answer(BridgeHistoryRequest.parse(query)) };
}

test("has the newest events that clients know, oldest first", async () => {
  const { add, ask } = openHistory({ historyLimit: 3 });
  for (const event of ["agent_start", "status", "turn_start", "queue", "agent_end", "agent_settled"]) add(event);
  for (const query of [{}, { limit: 100 }, { limit: 0 }, { limit: "many" }]) {
    const { events, totalEvents, responseTruncated } = await ask(query);
    expect(events.map(({ event }) => event)).toEqual(["agent_start", "turn_start", "agent_end"]);
    expect({ totalEvents, responseTruncated }).toEqual({ totalEvents: 3, responseTruncated: false });
  }
  expect((await ask({ limit: "1" })).events).toMatchObject([{ event: "agent_end" }]);
});

test("has those of one name, from one time on", async () => {
  const { add, ask } = openHistory();
  add("emit", { text: "early" }, 1_000);
  add("emit", { text: "late" }, 2_000);
  add("agent_start", {}, 3_000);
  const { events } = await ask({ event: "bridge_emit", since: "1970-01-01T00:00:02.000Z" });
  expect(events).toMatchObject([{ data: { message: "late" } }]);
  await expect(ask({ since: "yesterday" })).rejects.toThrow("since has to be a time");
});

test("drops the oldest first when they do not fit, and never the newest", async () => {
  const { add, ask } = openHistory();
  for (let count = 0; count < 20; count += 1) add("emit", { text: `${count}`.repeat(100) });
  const some = await ask({ maxBytes: 2_000 });
  expect(some).toMatchObject({ responseTruncated: true, totalEvents: 20 });
  expect(some.events.length).toBeGreaterThan(3);
  expect(Buffer.byteLength(JSON.stringify(some.events))).toBeLessThan(2_100);
  expect(some.events.at(-1)).toMatchObject({ data: { message: "19".repeat(100) } });
  expect((await ask({ max_bytes: 1 })).events).toHaveLength(1);
});

test("has whole events where asked, as far as they fit and are kept", async () => {
  const { add, ask } = openHistory();
  const text = "x".repeat(20_000);
  for (let count = 0; count < 3; count += 1) add("emit", { text });
  expect((await ask()).events.at(-1)).toMatchObject({ truncated: true, rawEventRef: "3" });
  const { events, responseTruncated } = await ask({ raw: true, maxBytes: 30_000 });
  expect(responseTruncated).toBe(true);
  expect(events.map(({ rawRestored }) => rawRestored)).toEqual([undefined, undefined, true]);
  expect(events.at(-1)).toMatchObject({ data: { message: text } });
  await spill.written();
  spill.forget(3);
  const left = await ask({ verbose: true, limit: 1 });
  expect(left).toMatchObject({ events: [{ rawError: expect.any(String) as string }] });
  expect(left.rawErrors).toHaveLength(1);
});

test("makes a line of what is new once, for all clients", async () => {
  const { log, history, add } = openHistory();
  add("agent_start");
  add("status");
  const [start, status] = log.kept;
  if (!start || !status) throw new Error("not kept");
  expect(history.line(start)).toBe(history.line(start));
  expect(JSON.parse((await history.line(start)) ?? "")).toMatchObject({ type: "event", event: "agent_start" });
  expect(history.line(status)).toBeUndefined();
});
