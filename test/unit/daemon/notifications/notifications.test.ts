import { describe, expect, it } from "vitest";
import { notificationOf } from "../../../../daemon/notifications/notifications.ts";
import type { SessionSummary, Status } from "../../../../protocol/session.ts";
import { NOW, past, session } from "../../cli/sessions.ts";

const STATES = ["starting", "working", "waiting", "idle", "error", "interrupted", "exited"] as const;

function being(state: Status["state"], facts: Partial<SessionSummary> = {}): SessionSummary {
  return session({ status: { state, since: NOW, source: "extension" }, ...facts });
}

describe("what a change of a session is worth saying", () => {
  it.each([
    ["working", "idle", "finished"],
    ["waiting", "idle", "finished"],
    ["working", "waiting", "waiting"],
    ["idle", "waiting", "waiting"],
    ["starting", "waiting", "waiting"],
    ["working", "error", "failed"],
    ["idle", "error", "failed"],
    ["error", "waiting", "waiting"],
  ] as const)("from %s to %s: %s", (before, after, kind) => {
    expect(notificationOf(being(before), being(after))?.kind).toBe(kind);
  });

  it("is nothing for every other one, and for a session that stays as it is", () => {
    const said = STATES.flatMap((before) => STATES.map((after) => notificationOf(being(before), being(after))));
    expect(said.filter((notification) => notification !== undefined)).toHaveLength(2 * (STATES.length - 1) + 2);
    for (const state of STATES) {
      expect(notificationOf(being(state), being(state, { title: "renamed", views: 3 }))).toBeUndefined();
    }
  });

  it("is nothing for a session that has just become known, has ended, or has no status", () => {
    expect(notificationOf(undefined, being("error"))).toBeUndefined();
    expect(notificationOf(being("working"), being("idle", { kind: "resumable" }))).toBeUndefined();
    const silent = past("k3x9abcd", { kind: "live" });
    expect(notificationOf(silent, being("waiting"))).toBeUndefined();
    expect(notificationOf(being("working"), silent)).toBeUndefined();
  });

  it("is nothing when the session went on to another conversation", () => {
    const [one, two] = [{ conversation: { id: "one" } }, { conversation: { id: "two" } }];
    expect(notificationOf(being("working", one), being("idle", two))).toBeUndefined();
    expect(notificationOf(being("working", one), being("idle"))).toBeUndefined();
    expect(notificationOf(being("working"), being("idle", one))?.kind).toBe("finished");
    expect(notificationOf(being("working", one), being("idle", one))?.kind).toBe("finished");
  });

  it("is a sentence with the title, and of a failure with what went wrong", () => {
    const status: Status = { state: "error", since: NOW, source: "extension", error: "401" };
    expect(notificationOf(being("working"), session({ status }))?.text).toBe("Failed: Fix the login bug (401)");
    expect(notificationOf(being("working"), being("error"))?.text).toBe("Failed: Fix the login bug");
    expect(notificationOf(being("working"), being("idle"))?.text).toBe("Finished: Fix the login bug");
    expect(notificationOf(being("working"), being("waiting"))?.text).toBe("Waits for your answer: Fix the login bug");
  });
});
