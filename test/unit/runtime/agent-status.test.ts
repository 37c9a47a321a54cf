import { expect, test } from "vitest";
import type { AgentToHost } from "../../../protocol/agent-channel.ts";
import { statusAfter, type AgentStatus } from "../../../runtime/agent-status.ts";

const starting: AgentStatus = { shown: { state: "starting", since: 1, source: "process" } };
const unknown: AgentStatus = { shown: undefined };

type Identity = Extract<AgentToHost, { type: "identity" }>;

function identity(conversationId: string, more: Partial<Identity> = {}): AgentToHost {
  return { type: "identity", reason: "startup", conversationId, cwd: "/", running: false, ...more };
}

/** Messages of conversation a, one a millisecond, from 2 on. */
function after(messages: AgentToHost[], from: AgentStatus = unknown): AgentStatus {
  return messages.reduce((present, message, index) => statusAfter(present, message, "a", index + 2), from);
}

const run: AgentToHost = { type: "run-start" };
const done: AgentToHost = { type: "run-settled", outcome: "done" };
const failed: AgentToHost = { type: "run-settled", outcome: "error", error: "401" };
const asks: AgentToHost = { type: "waiting", open: 1 };
const answered: AgentToHost = { type: "waiting", open: 0 };

test("a run is followed, with its start as its time", () => {
  const idle = statusAfter(starting, identity("a"), undefined, 2);
  expect(idle).toEqual({ shown: { state: "idle", since: 2, source: "extension" } });
  expect(after([run], idle).shown).toEqual({ state: "working", since: 2, source: "extension" });
  expect(after([run, done], idle).shown).toEqual({ state: "idle", since: 3, source: "extension" });
});

test("an aborted run is idle and a failed one an error with its text", () => {
  expect(after([run, { type: "run-settled", outcome: "aborted" }]).shown?.state).toBe("idle");
  expect(after([run, failed]).shown).toEqual({ state: "error", since: 3, source: "extension", error: "401" });
});

test("time and error are kept through a reconnect, and forgotten in another conversation", () => {
  const working = after([run]);
  expect(statusAfter(working, identity("a", { running: true }), "a", 50).shown).toBe(working.shown);
  const error = after([run, failed]);
  expect(statusAfter(error, identity("a"), "a", 50).shown).toBe(error.shown);
  expect(statusAfter(error, identity("b"), "a", 60).shown).toEqual({ state: "idle", since: 60, source: "extension" });
});

test("what says nothing about it changes nothing", () => {
  for (const present of [after([run]), after([run, asks])]) {
    expect(statusAfter(present, { type: "name", name: "x" }, "a", 50)).toBe(present);
    expect(statusAfter(present, { type: "first-message", text: "x" }, "a", 50)).toBe(present);
  }
});

test("a dialog in a run is waiting, and the run goes on where it was", () => {
  expect(after([run, asks]).shown).toEqual({ state: "waiting", since: 3, source: "extension" });
  expect(after([run, asks, { type: "waiting", open: 2 }]).shown?.since).toBe(3);
  expect(after([run, asks, { type: "waiting", open: 1 }, answered]).shown).toEqual(after([run]).shown);
});

test("a dialog outlasts the start and the end of a run", () => {
  expect(after([asks, run]).shown?.state).toBe("waiting");
  expect(after([asks, run, answered]).shown).toEqual({ state: "working", since: 3, source: "extension" });
  expect(after([run, asks, done]).shown?.state).toBe("waiting");
  expect(after([run, asks, done, answered]).shown?.state).toBe("idle");
});

test("a dialog is still open after a reconnect, and gone with its conversation", () => {
  const waiting = after([run, asks]);
  const again = statusAfter(waiting, identity("a", { running: true, waiting: 1 }), "a", 50);
  expect(again.shown).toBe(waiting.shown);
  expect(statusAfter(again, answered, "a", 51).shown).toEqual(after([run]).shown);
  expect(statusAfter(waiting, identity("a", { running: true }), "a", 50).shown).toEqual(after([run]).shown);
  expect(statusAfter(waiting, identity("b"), "a", 50).shown).toEqual({ state: "idle", since: 50, source: "extension" });
  expect(statusAfter(unknown, identity("a", { waiting: 2 }), undefined, 5).shown?.state).toBe("waiting");
});

test("nothing answered is nothing new", () => {
  const working = after([run]);
  expect(statusAfter(working, answered, "a", 9)).toBe(working);
});
