import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compact } from "../../../control/event-compact.ts";
import { EventCounter } from "../../../control/event-counter.ts";
import { EventLog } from "../../../control/event-log.ts";
import { EventSpill } from "../../../control/event-spill.ts";
import { EVENT_BOUNDS } from "../../../protocol/event-bounds.ts";
import { HistoryQuery } from "../../../protocol/events.ts";

let directory: string;
let spills: EventSpill[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pse-"));
  spills = [];
});
afterEach(async () => {
  for (const spill of spills) await spill.close();
  rmSync(directory, { recursive: true, force: true });
});

function openLog() {
  const counter = new EventCounter(directory);
  const spill = new EventSpill(directory, EVENT_BOUNDS.spillBytes);
  spills.push(spill);
  const log = new EventLog({ session: "abcdefgh", counter, spill, historyBytes: EVENT_BOUNDS.historyBytes });
  const add = (data: Record<string, unknown> = {}, event = "emit", at = 1) => log.append({ event, at, data });
  return { counter, spill, log, add };
}

const query = (given: object = {}) => HistoryQuery.parse(given);

describe("numbers", () => {
  test("go on without a jump after a good end", async () => {
    const first = openLog();
    expect(first.add().seq).toBe(1);
    expect(first.add().id).toBe("abcdefgh:2");
    first.counter.close();
    await first.spill.close();
    const second = openLog();
    expect(second.counter.skipped).toBeUndefined();
    expect(second.add().seq).toBe(3);
  });

  test("are never given twice after a crash, and the jump is known", () => {
    const first = openLog();
    for (let event = 0; event < 1_500; event += 1) first.add();
    const second = openLog();
    expect(second.counter.skipped).toEqual({ to: 2_000 });
    expect(second.add().seq).toBe(2_001);
  });

  test("of a broken file begin where none has been", () => {
    writeFileSync(join(directory, "counted.json"), "{broken");
    expect(openLog().add().seq).toBeGreaterThan(1_700_000_000_000);
  });
});

describe("bounds", () => {
  test("the newest 500 events are kept", () => {
    const { log, add } = openLog();
    for (let event = 0; event < 1_234; event += 1) add();
    expect([log.oldest, log.newest]).toEqual([735, 1_234]);
    expect(log.after(0)?.seq).toBe(735);
    expect(log.after(1_000)?.seq).toBe(1_001);
    expect(log.after(1_234)).toBeUndefined();
  });

  test("texts are their beginnings, and it is said", () => {
    const { add } = openLog();
    const envelope = add({ text: "é".repeat(1_000), small: 1 });
    expect(envelope).toMatchObject({ truncated: true, originalBytes: 2_021, data: { small: 1 } });
    expect(envelope.data["text"]).toBe("é".repeat(128));
  });

  test("of an event that is too large all the same, what it is about stays", () => {
    const parts = Array.from({ length: 1_000 }, (_, part) => ({ text: `part ${part}` }));
    const { data, isCut } = compact({ toolName: "bash", parts });
    expect(isCut).toBe(true);
    expect(data).toEqual({ toolName: "bash" });
  });

  test("no data makes a compact event larger than 8 KiB", () => {
    const names = Object.fromEntries(Array.from({ length: 500 }, (_, name) => [`name${name}`, "\u0000".repeat(300)]));
    const { data } = compact(names);
    expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(EVENT_BOUNDS.eventBytes);
  });

  test("the disk has the newest whole events within its bound", async () => {
    const { log, spill, add } = openLog();
    const text = "x".repeat(200 * 1024);
    for (let event = 0; event < 120; event += 1) {
      add({ text, event });
      // What the disk has not taken is bounded too.
      await spill.written();
    }
    const newest = await log.history(query({ raw: "true", limit: 1 }));
    expect(newest.events[0]?.data["text"]).toHaveLength(text.length);
    await spill.close();
    const bytes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    expect(bytes.reduce((all, size) => all + size, 0)).toBeLessThanOrEqual(EVENT_BOUNDS.spillBytes + 1024);
  });
});

describe("history", () => {
  test("answers by name, time, number and size, newest first to be kept", async () => {
    const { log, add } = openLog();
    for (let event = 1; event <= 20; event += 1) add({ event }, event % 2 ? "odd" : "even", event);
    const seqs = async (given: object) => (await log.history(query(given))).events.map(({ seq }) => seq);
    expect(await seqs({ event: "odd", limit: "2" })).toEqual([17, 19]);
    expect(await seqs({ since: "18" })).toEqual([18, 19, 20]);
    expect(await seqs({ since: "1970-01-01T00:00:00.019Z" })).toEqual([19, 20]);
    expect(await seqs({ after: "18" })).toEqual([19, 20]);
    expect(await seqs({ "max-bytes": "1" })).toEqual([20]);
    expect((await log.history(query({ "max-bytes": "1" }))).omitted).toBe(19);
  });

  test.each([{ limit: "0" }, { limit: "501" }, { since: "yesterday" }, { event: "a b" }, { "max-bytes": "-1" }])(
    "%o is refused",
    (given) => {
      expect(HistoryQuery.safeParse(given).success).toBe(false);
    },
  );
});
