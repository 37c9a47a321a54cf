import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionIdOf } from "../../../daemon/sessions/session-identity.ts";
import type { StateChange } from "../../../protocol/daemon-state.ts";
import { external, indexed, KnownFacts } from "../../fixtures/daemon/known-facts.ts";
import { sessionRecord } from "../../fixtures/daemon/records.ts";

/** A run that nobody seems to go on with … */
let facts: KnownFacts;
let changes: StateChange[];
beforeEach(() => {
  facts = new KnownFacts();
  changes = [];
  facts.list.onChange((change) => changes.push(change));
});
afterEach(() => facts.list.close());

const running = (change: { cwd?: string } = {}) =>
  indexed("one", { ...change, lastActivity: 5_000, tip: { entry: "user", at: 5_000, runAt: 5_000 } });
const state = () => facts.list.ofConversation("one")?.status?.state;

test("was cut off, unless a silent pi in its directory may be at it", () => {
  facts.write({ ...running(), writtenAt: 5_000 });
  expect(state()).toBe("interrupted");
  facts.processes(external("dddddddd", { startedAt: 6_000 }), external("ffffffff", { cwd: "/elsewhere" }));
  expect(state()).toBe("interrupted");
  facts.processes(external("eeeeeeee", { startedAt: 4_000 }));
  expect(facts.list.ofConversation("one")).not.toHaveProperty("status");
  expect(facts.list.known(sessionIdOf("one"))?.status.evidence).toContain("may have it open");
  facts.write(indexed("two"));
  facts.attribute("eeeeeeee", indexed("two"));
  expect(state()).toBe("interrupted");
  facts.attribute("eeeeeeee", undefined);
  expect(state()).toBeUndefined();
  facts.processes();
  expect(state()).toBe("interrupted");
});

test("is left open for a moment after it was written: who does so may not have been found yet", () => {
  vi.useFakeTimers({ now: 6_000 });
  try {
    facts.write({ ...running(), writtenAt: 5_000 });
    expect(state()).toBeUndefined();
    changes.length = 0;
    vi.advanceTimersByTime(2_000);
    vi.advanceTimersByTime(100);
    expect(changes).toMatchObject([{ changed: [{ status: { state: "interrupted" } }] }]);
  } finally {
    vi.useRealTimers();
  }
});

test("was cut off when the external session that had it open has ended", () => {
  const one = running();
  facts.write({ ...one, writtenAt: Date.now() });
  facts.processes(external("eeeeeeee"));
  facts.attribute("eeeeeeee", one);
  expect(state()).toBe("working");
  facts.attributed.clear();
  facts.processes();
  expect(state()).toBe("interrupted");
});

test("was cut off when its host says so, at once", () => {
  const ending = { at: 6_000, cause: "host-died", interrupted: true } as const;
  facts.write({ ...running(), writtenAt: Date.now() });
  facts.record(sessionRecord("abcdefgh", { conversation: { id: "one" }, ending }));
  expect(state()).toBe("interrupted");
});
