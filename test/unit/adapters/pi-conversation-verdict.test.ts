import { describe, expect, test } from "vitest";
import type { TipContext } from "../../../adapters/agents/conversation-adapter.ts";
import { advanceTip, emptyTip, type TipEntry } from "../../../adapters/agents/pi/conversation-tip.ts";
import { verdict } from "../../../adapters/agents/pi/conversation-verdict.ts";

const T0 = Date.UTC(2026, 0, 2, 12);
const RETRY = { maxRetries: 3, maxRetryDelayMs: 8_000 };
/** The wait before the last retry and two minutes for its answer. */
const PATIENCE = 128_000;

const user = (at = 0): TipEntry => ({ kind: "user", at: T0 + at });
const result = (at = 0): TipEntry => ({ kind: "tool-result", at: T0 + at });
const said = (stop: string, at = 0, error?: string): TipEntry => {
  return { kind: "assistant", id: `a${at}`, at: T0 + at, stop, error };
};
const failed = (error: string, at = 0) => said("error", at, error);
const edited = (target: number, replacement: "null" | "other" = "null"): TipEntry => {
  return { kind: "context-edit", at: T0 + target + 3, target: `a${target}`, replacement };
};

const tipOf = (...entries: TipEntry[]) => entries.reduce(advanceTip, emptyTip());

/** The verdict `after` milliseconds past T0. */
function seen(entries: TipEntry[], after = 1_000, context: Partial<TipContext> = {}) {
  return verdict(tipOf(...entries), { ...RETRY, held: true, now: T0 + after, ...context });
}

describe("a run that goes on", () => {
  test.each([
    ["a message", [user()]],
    ["a tool call", [user(), said("toolUse", 10)]],
    ["a tool's result", [user(), said("toolUse", 10), result(20)]],
    ["a message in the middle of it", [user(), said("toolUse", 10), result(20), user(30)]],
  ])("%s is work while a process holds the conversation, however long ago, and else cut off", (_what, entries) => {
    const hours = 5 * 3_600_000;
    expect(seen(entries, hours)).toMatchObject({ state: "working" });
    expect(seen(entries, hours, { held: false })).toMatchObject({ state: "interrupted" });
    expect(seen(entries, hours).changesAt).toBeUndefined();
  });

  test("counts from the user's message, and what cut it off from the last sign of life", () => {
    const entries = [user(), said("toolUse", 10), result(20)];
    expect(seen(entries).since).toBe(T0);
    expect(seen(entries, 1_000, { held: false }).since).toBe(T0 + 20);
  });

  test("says why in words", () => {
    const time = new Date(T0).toTimeString().slice(0, 8);
    const evidence = `The last entry is a message to pi of ${time}, and a process has the conversation open.`;
    expect(seen([user()]).evidence).toBe(evidence);
  });
});

describe("a run that is over", () => {
  test.each([
    ["nothing was said", []],
    ["an answer", [user(), said("stop", 10)]],
    ["an answer that was cut for its length", [user(), said("length", 10)]],
    ["an answer with a reason to stop that is not invented yet", [user(), said("tired", 10)]],
    ["Esc", [user(), said("aborted", 10)]],
    ["Esc in a tool", [user(), failed("This operation was aborted", 10)]],
    ["Esc in a request", [user(), failed("Request was aborted.", 10)]],
  ])("%s: idle, with a process or without", (_what, entries) => {
    for (const held of [true, false]) {
      const { state, changesAt } = seen(entries, 5, { held });
      expect([state, changesAt]).toEqual(["idle", undefined]);
    }
  });
});

describe("an error in a file that marks retries", () => {
  const marked = [user(), failed("500", 10), edited(10)];

  test("is being retried when it is edited out, until the answer is overdue, and then its user gave up", () => {
    expect(seen(marked)).toMatchObject({ state: "working", since: T0, changesAt: T0 + 10 + PATIENCE });
    expect(seen(marked, 10 + PATIENCE - 1).state).toBe("working");
    expect(seen(marked, 10 + PATIENCE)).toMatchObject({ state: "idle", since: T0 + 10 });
    expect(seen(marked, 10 + PATIENCE).changesAt).toBeUndefined();
  });

  test("is final half a second later when it is not, whatever its words", () => {
    const entries = [...marked, failed("500", 2_000)];
    expect(seen(entries, 2_499)).toMatchObject({ state: "working", changesAt: T0 + 2_500 });
    expect(seen(entries, 2_500)).toMatchObject({ state: "error", since: T0 + 2_000, error: "500" });
    expect(seen(entries, 2_001, { held: false }).state).toBe("error");
  });

  test("is marked by nothing but a removal of this very entry", () => {
    expect(seen([...marked, failed("500", 2_000), edited(10)], 2_600).state).toBe("error");
    expect(seen([...marked, failed("500", 2_000), edited(2_000, "other")], 2_600).state).toBe("error");
    expect(seen([...marked, failed("500", 2_000), edited(2_000)], 2_600).state).toBe("working");
  });

  test("is over with the next answer", () => {
    expect(seen([...marked, said("stop", 3_000)], 3_001).state).toBe("idle");
    expect(seen([...marked, user(3_000)], 999_999).state).toBe("working");
  });

  test("was cut off when no process waits for the retry", () => {
    expect(seen(marked, 1_000, { held: false }).state).toBe("interrupted");
  });
});

describe("an error in a file that does not tell", () => {
  const errors = (count: number) => [user(), ...Array.from({ length: count }, (_, index) => failed("500", 10 + index))];

  test("may be retried until the retries are used up", () => {
    expect(seen(errors(3), 5_000)).toMatchObject({ state: "working", changesAt: T0 + 12 + PATIENCE });
    expect(seen(errors(4), 5_000)).toMatchObject({ state: "error", error: "500" });
    expect(seen(errors(1), 5_000, { maxRetries: 0 }).state).toBe("error");
    expect(seen(errors(5), 5_000, { maxRetries: 5 }).state).toBe("working");
  });

  test("is an error when nothing has come of it in time", () => {
    expect(seen(errors(1), 10 + PATIENCE).state).toBe("error");
  });

  test("is counted in a row only", () => {
    const entries = [...errors(3), said("stop", 50), user(60), failed("500", 70)];
    expect(seen(entries, 5_000).state).toBe("working");
  });

  test.each(["401 Invalid API key", "400 Bad request", "", "You have run out of billing credit (429)"])(
    "is final when pi does not retry its kind: %s",
    (error) => {
      expect(seen([user(), failed(error, 10)], 5_000).state).toBe("error");
      expect(seen([user(), failed(error, 10)], 100)).toMatchObject({ state: "working", changesAt: T0 + 510 });
    },
  );

  test("a conversation that became too long is compacted and tried again once", () => {
    const error = "prompt is too long: 213462 tokens > 200000 maximum";
    expect(seen([user(), failed(error, 10)], 5_000).state).toBe("working");
    expect(seen([user(), failed(error, 10), failed(error, 4_000)], 5_000).state).toBe("error");
  });

  test("was cut off when no process is there to retry it", () => {
    expect(seen(errors(1), 5_000, { held: false }).state).toBe("interrupted");
    expect(seen(errors(4), 5_000, { held: false }).state).toBe("error");
  });
});

test("a clock that was set back makes nothing last", () => {
  const future = 3_600_000;
  expect(seen([user(), failed("401", future)], 0).state).toBe("error");
  expect(seen([user(), failed("500", future), edited(future)], 0).state).toBe("idle");
});

test("an entry that says nothing new leaves the tip as it is", () => {
  const tip = tipOf(user(), said("stop", 10));
  expect(advanceTip(tip, edited(10))).toBe(tip);
});
