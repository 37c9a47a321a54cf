import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RunTracker } from "../../../adapters/agents/pi/extension/run.ts";
import type { AgentToHost } from "../../../protocol/agent-channel.ts";

let reported: AgentToHost[];
const tracker = (settles: boolean) => new RunTracker(settles, (message) => reported.push(message));
const done = { type: "run-settled", outcome: "done" };
const aborted = { type: "run-settled", outcome: "aborted" };

beforeEach(() => {
  reported = [];
  vi.useFakeTimers();
});

afterEach(() => vi.useRealTimers());

describe("a pi that says when a run settles", () => {
  test("retries are one run, and its last message decides", () => {
    const run = tracker(true);
    run.agentStart();
    run.assistantEnd({ stopReason: "error", errorMessage: "overloaded" });
    run.agentEnd();
    vi.advanceTimersByTime(3_600_000);
    run.agentStart();
    run.assistantEnd({ stopReason: "stop" });
    run.agentEnd();
    run.settled(false);
    expect(reported).toEqual([{ type: "run-start" }, done]);
    expect(run.running).toBe(false);
  });

  test.each([
    [{ stopReason: "stop" }, false, done],
    [{ stopReason: "length" }, false, done],
    [{ stopReason: "aborted" }, false, aborted],
    [{ stopReason: "error", errorMessage: "This operation was aborted" }, false, aborted],
    [{ stopReason: "error", errorMessage: "Request was aborted." }, false, aborted],
    [{ stopReason: "error", errorMessage: "overloaded" }, true, aborted],
    [{ stopReason: "error", errorMessage: "overloaded" }, false, { ...done, outcome: "error", error: "overloaded" }],
    [{ stopReason: "error" }, false, { ...done, outcome: "error", error: "" }],
    [undefined, false, done],
  ])("%o, aborted %o", (last, byUser, expected) => {
    const run = tracker(true);
    run.agentStart();
    if (last) run.assistantEnd(last);
    run.settled(byUser);
    expect(reported.at(-1)).toEqual(expected);
  });

  test("an error text is cut to what the protocol allows", () => {
    const run = tracker(true);
    run.agentStart();
    run.assistantEnd({ stopReason: "error", errorMessage: "x".repeat(5_000) });
    run.settled(false);
    expect(reported.at(-1)).toMatchObject({ error: "x".repeat(2_000) });
  });

  test("an end without a start, as after a reload in a run, reports nothing", () => {
    tracker(true).settled(false);
    expect(reported).toEqual([]);
  });

  test("what ended the run before says nothing about this one", () => {
    const run = tracker(true);
    run.agentStart();
    run.assistantEnd({ stopReason: "error", errorMessage: "overloaded" });
    run.settled(false);
    run.agentStart();
    run.settled(false);
    expect(reported.at(-1)).toEqual(done);
  });
});

describe("a pi that does not", () => {
  test("silence after the end stands for it", () => {
    const run = tracker(false);
    run.agentStart();
    run.assistantEnd({ stopReason: "stop" });
    run.agentEnd();
    expect(run.running).toBe(true);
    vi.advanceTimersByTime(500);
    expect(reported).toEqual([{ type: "run-start" }, done]);
  });

  test("after an error it waits longer than pi's longest wait for a retry", () => {
    const run = tracker(false);
    run.agentStart();
    run.assistantEnd({ stopReason: "error", errorMessage: "overloaded" });
    run.agentEnd();
    vi.advanceTimersByTime(8_000);
    run.agentStart();
    run.assistantEnd({ stopReason: "stop" });
    run.agentEnd();
    vi.advanceTimersByTime(500);
    expect(reported).toEqual([{ type: "run-start" }, done]);
  });

  test("the next prompt ends the wait", () => {
    const run = tracker(false);
    run.agentStart();
    run.assistantEnd({ stopReason: "error", errorMessage: "Bad request" });
    run.agentEnd();
    run.prompted();
    run.agentStart();
    expect(reported.map(({ type }) => type)).toEqual(["run-start", "run-settled", "run-start"]);
  });

  test("a session that goes away leaves no timer", () => {
    const run = tracker(false);
    run.agentStart();
    run.agentEnd();
    run.close();
    vi.advanceTimersByTime(60_000);
    expect(reported).toEqual([{ type: "run-start" }]);
  });
});
