import { describe, expect, it } from "vitest";
import type { AgentToHost } from "../../../protocol/agent-channel.ts";
import { statusAtStart } from "../../../host/status.ts";
import { statusAfter } from "../../../runtime/agent-status.ts";

function identity(conversationId: string, running = false): AgentToHost {
  return { type: "identity", reason: "startup", conversationId, cwd: "/", running };
}

describe("the status the extension reports", () => {
  it("starts as starting for pi and as working for a command", () => {
    expect(statusAtStart("pi", 7)).toEqual({ state: "starting", since: 7, source: "process" });
    expect(statusAtStart("command", 7)).toEqual({ state: "working", since: 7, source: "process" });
  });

  it("follows a run, with the start of the run as its time", () => {
    const idle = statusAfter(statusAtStart("pi", 1), identity("a"), undefined, 2);
    expect(idle).toEqual({ state: "idle", since: 2, source: "extension" });
    const working = statusAfter(idle, { type: "run-start" }, "a", 3);
    expect(working).toEqual({ state: "working", since: 3, source: "extension" });
    expect(statusAfter(working, { type: "run-settled", outcome: "done" }, "a", 9)).toEqual({
      state: "idle",
      since: 9,
      source: "extension",
    });
  });

  it("treats an aborted run as idle and a failed one as error with its text", () => {
    const working = statusAfter(undefined, { type: "run-start" }, "a", 3);
    expect(statusAfter(working, { type: "run-settled", outcome: "aborted" }, "a", 4)?.state).toBe("idle");
    expect(statusAfter(working, { type: "run-settled", outcome: "error", error: "401" }, "a", 4)).toEqual({
      state: "error",
      since: 4,
      source: "extension",
      error: "401",
    });
  });

  it("keeps its time and its error through a reconnect, and forgets both in another conversation", () => {
    const working = statusAfter(undefined, { type: "run-start" }, "a", 3);
    expect(statusAfter(working, identity("a", true), "a", 50)).toBe(working);
    const failed = statusAfter(working, { type: "run-settled", outcome: "error" }, "a", 4);
    expect(statusAfter(failed, identity("a"), "a", 50)).toBe(failed);
    expect(statusAfter(failed, identity("b"), "a", 60)).toEqual({ state: "idle", since: 60, source: "extension" });
  });

  it("is not changed by what says nothing about it", () => {
    const working = statusAfter(undefined, { type: "run-start" }, "a", 3);
    expect(statusAfter(working, { type: "name", name: "x" }, "a", 5)).toBe(working);
    expect(statusAfter(working, { type: "first-message", text: "x" }, "a", 5)).toBe(working);
  });
});
