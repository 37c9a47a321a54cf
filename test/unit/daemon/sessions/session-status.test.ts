import { describe, expect, test } from "vitest";
import type { ConversationTip, TipVerdict } from "../../../../adapters/agents/conversation-adapter.ts";
import { statusOf, type StatusFacts } from "../../../../daemon/sessions/session-status.ts";
import type { Ending, Status } from "../../../../protocol/session.ts";

const NOW = Date.UTC(2026, 0, 2, 12);
const AGO = NOW - 60_000;

const tip = (entry: ConversationTip["entry"], at = AGO): ConversationTip => {
  return { entry, at, runAt: at - 5_000, errors: 0, retried: false, marksRetries: false };
};

/** As pi's: mid-run tips are work for who holds them, and cut off for nobody. */
function verdict(read: ConversationTip, { held }: { held: boolean }): TipVerdict {
  const evidence = `It ends with ${read.entry}.`;
  if (read.entry === "error") return { state: "error", since: read.at, error: "401", evidence };
  if (read.entry === "stopped") return { state: "idle", since: read.at, evidence };
  if (!held) return { state: "interrupted", since: read.at, evidence };
  return { state: "working", since: read.runAt, evidence, changesAt: NOW + 9 };
}

const ask = (facts: Partial<StatusFacts> & Pick<StatusFacts, "kind">) =>
  statusOf({ retry: { maxRetries: 3, maxRetryDelayMs: 8_000 }, now: NOW, ...facts }, verdict);

const ended = (change: Partial<Ending> = {}): Ending => ({
  at: NOW - 1_000,
  cause: "exited",
  interrupted: false,
  ...change,
});

describe("while it runs", () => {
  test.each<[string, Status, RegExp]>([
    [
      "the extension",
      { state: "idle", since: AGO, source: "extension", unseen: true },
      /extension.*waits for a message.*Nobody/,
    ],
    ["the screen", { state: "waiting", since: AGO, source: "screen" }, /tells its terminal.*dialog/],
    ["the process", { state: "starting", since: AGO, source: "process" }, /process.*starting/],
  ])("what the host has from %s counts, whatever the file shows", (_who, host, words) => {
    const { status, evidence, changesAt } = ask({ kind: "live", host, tip: tip("error") });
    expect(status).toBe(host);
    expect(evidence).toMatch(words);
    expect(changesAt).toBeUndefined();
  });

  test("an external session's own report counts too", () => {
    const report: Status = { state: "working", since: AGO, source: "extension" };
    expect(ask({ kind: "external", report, tip: tip("stopped") }).status).toBe(report);
  });

  test.each(["live", "external"] as const)(
    "else the file of a %s session does, with its reason and its time",
    (kind) => {
      const { status, evidence, changesAt } = ask({ kind, tip: tip("user") });
      expect(status).toEqual({ state: "working", since: AGO - 5_000, source: "jsonl" });
      expect(evidence).toBe("It ends with user.");
      expect(changesAt).toBe(NOW + 9);
      expect(ask({ kind, tip: tip("error") }).status).toMatchObject({ state: "error", error: "401" });
    },
  );

  test("else nothing is known, and that is said", () => {
    expect(ask({ kind: "live" }).status).toBeUndefined();
    expect(ask({ kind: "live" }).evidence).toContain("not known");
  });
});

describe("once it has ended", () => {
  test("the host's word for it counts", () => {
    expect(ask({ kind: "resumable", ending: ended(), tip: tip("user") }).status).toMatchObject({
      state: "exited",
      source: "process",
    });
    const { status, evidence } = ask({ kind: "resumable", ending: ended({ interrupted: true }), tip: tip("stopped") });
    expect(status).toEqual({ state: "interrupted", since: NOW - 1_000, source: "process" });
    expect(evidence).toContain("in the middle of a run");
  });

  test("unless the host died, and did not know that a run went on", () => {
    const ending = ended({ cause: "host-died" });
    expect(ask({ kind: "resumable", ending, tip: tip("user") }).status).toMatchObject({
      state: "interrupted",
      source: "jsonl",
    });
    // Since the host died, and not since pi last said something.
    const idle = { state: "exited", since: ending.at, source: "jsonl" };
    expect(ask({ kind: "resumable", ending, tip: tip("stopped") }).status).toEqual(idle);
    expect(ask({ kind: "resumable", ending }).status?.state).toBe("exited");
  });

  test("what a program that failed said last is told", () => {
    const ending = ended({ exitCode: 1, error: "Unknown option: --nam" });
    expect(ask({ kind: "resumable", ending }).status).toMatchObject({
      state: "exited",
      error: "Unknown option: --nam",
    });
  });

  test("unless its agent never said what it did, and its file shows a run", () => {
    const silent = { kind: "resumable", ending: ended({ signal: 9 }), silent: true } as const;
    expect(ask({ ...silent, tip: tip("tool-use") }).status).toMatchObject({ state: "interrupted", source: "jsonl" });
    for (const entry of ["stopped", "aborted", "error"] as const) {
      expect(ask({ ...silent, tip: tip(entry) }).status).toMatchObject({ state: "exited", source: "process" });
    }
  });

  test("unless somebody went on with the conversation since", () => {
    const ending = ended({ interrupted: true });
    expect(ask({ kind: "resumable", ending, tip: tip("stopped", NOW) }).status?.state).toBe("exited");
    expect(ask({ kind: "resumable", ending: ended(), tip: tip("tool-use", NOW) }).status?.state).toBe("interrupted");
  });

  test("a conversation that pisync never held was cut off, or is over whatever its end", () => {
    expect(ask({ kind: "resumable", tip: tip("tool-result") }).status?.state).toBe("interrupted");
    for (const entry of ["stopped", "error"] as const) {
      const { status, evidence } = ask({ kind: "resumable", tip: tip(entry) });
      expect(status).toEqual({ state: "exited", since: AGO, source: "jsonl" });
      expect(evidence).toBe(`It ends with ${entry}. No process has the conversation open.`);
    }
    expect(ask({ kind: "resumable", tip: tip("none", 0) }).status).toBeUndefined();
    expect(ask({ kind: "resumable" }).status).toBeUndefined();
  });
});
