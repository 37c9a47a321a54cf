import { describe, expect, test } from "vitest";
import { worstCode } from "../../../cli/several-targets.ts";
import { lateText, waitOutcome } from "../../../cli/wait-outcome.ts";
import type { SessionSummary, Status } from "../../../protocol/session.ts";

const live = (state: Status["state"], more: Partial<SessionSummary> = {}) =>
  ({ kind: "live", status: { state, since: 1, source: "extension" }, ...more }) as SessionSummary;

describe("what a wait ends with", () => {
  test.each([
    ["idle", live("idle"), 0],
    ["idle", live("working"), undefined],
    ["idle", live("waiting"), undefined],
    ["idle", live("error"), 5],
    ["idle", live("interrupted"), 6],
    ["idle", live("exited", { kind: "resumable" }), 1],
    ["idle", live("exited", { kind: "resumable", ending: { at: 1, cause: "killed", interrupted: true } }), 6],
    ["idle", undefined, 1],
    ["waiting", live("waiting"), 0],
    ["error", live("error"), 0],
    ["exit", live("error"), undefined],
    ["exit", live("exited", { kind: "resumable" }), 0],
    ["exit", undefined, 0],
  ] as const)("for %s", (wanted, session, code) => {
    expect(waitOutcome(session, wanted)?.code).toBe(code);
  });
});

test("what is said of it agrees with the exit code", () => {
  const failed = live("error", { status: { state: "error", since: 1, source: "extension", error: "400 Bad request" } });
  expect(waitOutcome(failed, "error")).toEqual({ code: 0, text: "failed: 400 Bad request" });
  expect(waitOutcome(failed, "idle")).toEqual({ code: 5, text: "failed: 400 Bad request" });
  expect(waitOutcome(live("waiting"), "waiting")?.text).toBe("waits for an answer");
  expect(lateText("exit", 5_000)).toBe("did not end within 5 s");
  expect(lateText("error", 500)).toBe("did not fail within 0.5 s");
});

test("of several the worst counts", () => {
  expect(worstCode([0, 5, 4, 6])).toBe(4);
  expect(worstCode([0, 6, 5])).toBe(5);
  expect(worstCode([0, 0])).toBe(0);
});
