import { expect, test } from "vitest";
import { knownManaged } from "../../../../daemon/sessions/known-session.ts";
import { summarise } from "../../../../daemon/sessions/session-summary.ts";
import { resolveTarget } from "../../../../daemon/api/targets.ts";
import { TargetQuery } from "../../../../protocol/daemon-api.ts";
import type { SessionRecord, SessionSummary } from "../../../../protocol/session.ts";
import { HOST, sessionRecord } from "../../../fixtures/daemon/records.ts";

const NOTHING_ELSE = {
  index: { byId: () => [] },
  attributor: { of: () => undefined },
  statusOf: () => ({ evidence: "" }),
  doubt: () => undefined,
};

function session(id: string, change: Partial<SessionRecord> = {}, resumable = true): SessionSummary {
  return summarise(knownManaged({ record: sessionRecord(id, change), resumable }, undefined, NOTHING_ELSE));
}

const live = session("abcdefgh", {
  host: { ...HOST, child: { pid: 42, startTime: "1" } },
  name: "fix the bug",
  cwd: "/a",
  conversation: { id: "0198-one" },
});
const twin = session("abcdzzzz", { host: { ...HOST, socket: "/run/t.sock" }, name: "fix the bug too" });
const ended = session("kkkkkkkk", {
  argv: ["pi"],
  conversation: { id: "0198-two" },
  ending: { at: 5, cause: "host-died", interrupted: true },
});
/** Its title is what the user typed first: parts of it name nothing. */
const untitled = session("uuuuuuuu", {
  host: { ...HOST, socket: "/run/u.sock" },
  cwd: "/u",
  firstMessage: "fix it and the bug too",
});
const listed = [live, twin, untitled, ended];

function resolve(query: object, sessions: SessionSummary[] = listed, all: SessionSummary[] = sessions): string {
  const find = (id: string) => all.find((summary) => summary.id === id);
  return resolveTarget(TargetQuery.parse(query), { all: () => sessions, find }).id;
}

test.each([
  ["a whole id", { target: "abcdefgh" }, live],
  ["a unique prefix of an id", { target: "abcde" }, live],
  ["a conversation's id", { target: "0198-two" }, ended],
  ["a unique prefix of one", { target: "0198-t" }, ended],
  ["the session field", { session: "abcdz" }, twin],
  ["a pid, as text", { pid: "42" }, live],
  ["a directory", { cwd: "/a" }, live],
  ["a socket", { socket: "/run/t.sock" }, twin],
  ["a part of a given name in any case", { name: "BUG TOO" }, twin],
  ["a whole title that nobody gave", { name: "fix it and the bug too" }, untitled],
  ["a whole name although it is part of another", { name: "fix the bug" }, live],
  ["several fields together", { name: "bug", cwd: "/a" }, live],
  ["a prefix that only one live session has", { target: "0198", kind: "any" }, live],
  ["a prefix that only one session of the kind has", { target: "0198", kind: "resumable" }, ended],
])("%s finds the session", (_, query, expected) => {
  expect(resolve(query)).toBe(expected.id);
});

test("without a field it is the only live session", () => {
  expect(resolve({}, [live, ended])).toBe(live.id);
  expect(() => resolve({}, [ended])).toThrow("There is no live session.");
  expect(() => resolve({}, listed)).toThrow(/^There are 3 live sessions:\nabcdefgh .*\nabcdzzzz/);
});

test("without a field, of those that ended, it is the only conversation that can be resumed", () => {
  const command = session("cccccccc", { agent: "command", argv: ["ls"] });
  const other = session("eeeeeeee", { conversation: { id: "0198-three" } });
  const ask = { kind: "resumable" };
  expect(resolve(ask, [live, ended, command])).toBe(ended.id);
  expect(refusal(ask, [live, command])).toMatchObject({
    code: "no-such-target",
    message: "There is no conversation to resume.",
  });
  expect(refusal(ask, [ended, other])).toMatchObject({
    code: "ambiguous-target",
    message: "2 conversations can be resumed:\nkkkkkkkk  pi  /work\neeeeeeee  pi  /work",
  });
});

test("a whole id is meant even when another conversation begins with it", () => {
  const other = session("mmmmmmmm", { conversation: { id: "abcdefgh-and-more" } });
  expect(resolve({ target: "abcdefgh" }, [live, other])).toBe(live.id);
});

test("a session that the list leaves out is found by its whole id only", () => {
  const hidden = session("pppppppp");
  expect(resolve({ target: "pppppppp" }, listed, [...listed, hidden])).toBe("pppppppp");
  expect(() => resolve({ target: "pppp" }, listed, [...listed, hidden])).toThrow("There is no session for pppp.");
});

function refusal(query: object, sessions = listed): unknown {
  try {
    return resolve(query, sessions);
  } catch (error) {
    return error;
  }
}

test("ambiguity lists the candidates, one a line", () => {
  expect(refusal({ target: "abcd" })).toMatchObject({
    code: "ambiguous-target",
    message: "abcd means 2 sessions:\nabcdefgh  fix the bug  /a\nabcdzzzz  fix the bug too  /work",
    facts: { candidates: ["abcdefgh", "abcdzzzz"] },
  });
});

test("many candidates are cut short", () => {
  const many = Array.from({ length: 20 }, (_, index) => session(`aaaaaa${20 + index}`, { host: HOST }));
  const { message } = refusal({ target: "a" }, many) as Error;
  expect(message).toContain("a means 20 sessions");
  expect(message).toMatch(/\nand 10 more$/);
});

test("a target that is not there is said in plain text", () => {
  expect(refusal({ target: "zz\u001b[2J\u202e" })).toMatchObject({
    code: "no-such-target",
    message: "There is no session for zz.",
  });
  expect(refusal({ pid: 7 })).toMatchObject({ message: "There is no session for --pid 7." });
});

test("a target that just died says how, and how to get it back", () => {
  expect(refusal({ target: "kkkk", kind: "live" })).toMatchObject({
    code: "not-live",
    message: "Session kkkkkkkk (pi) has ended: its host died.",
    next: "Bring it back with: pisync resume kkkkkkkk",
  });
});

test("one that left nothing to resume is not offered back", () => {
  const empty = session("nnnnnnnn", { conversation: { id: "0198-none" } }, false);
  expect(refusal({ target: "nnnnnnnn", kind: "live" }, [live, empty])).toMatchObject({
    code: "not-live",
    next: "It left no conversation to resume. Start a new one with: pisync pi",
  });
});

test("a live session where a resumable one was asked for says how to end it", () => {
  expect(refusal({ target: "abcdefgh", kind: "resumable" })).toMatchObject({
    code: "already-live",
    next: "End it first with: pisync kill abcdefgh",
  });
});

const outside: SessionSummary = {
  ...session("xxxxxxxx"),
  kind: "external",
  pid: 4711,
  terminal: { tty: "/dev/pts/3", tmux: { socket: "/tmp/tmux-0/default", pane: "%7" } },
  conversation: { id: "0198-outside", path: "/c/0198-outside.jsonl" },
};

test("an external session is found by its conversation, its pid and as the only one of its kind", () => {
  for (const query of [
    { target: "0198-ou" },
    { pid: 4711 },
    { kind: "external" },
    { kind: "external", target: "xx" },
  ]) {
    expect(resolve(query, [...listed, outside])).toBe("xxxxxxxx");
  }
  expect(refusal({ kind: "external" })).toMatchObject({ code: "no-such-target" });
});

test("what can be read and driven may be external where it is named, and never by itself", () => {
  const told: SessionSummary = { ...outside, id: "tttttttt", pid: 12, attribution: { evidence: "extension" } };
  expect(resolve({ kind: "running", pid: 4711 }, [live, outside])).toBe("xxxxxxxx");
  expect(resolve({ kind: "running" }, [live, told])).toBe(live.id);
  for (const kind of ["running", "any"]) {
    expect(refusal({ kind }, [told])).toMatchObject({
      code: "no-live-session",
      next: expect.stringContaining("started without pisync") as string,
    });
  }
  const here = { kind: "running", cwd: told.cwd };
  expect(resolve(here, [outside, told, ended])).toBe("tttttttt");
  expect(refusal(here, [twin, told])).toMatchObject({ code: "ambiguous-target" });
  expect(resolve(here, [twin, outside])).toBe(twin.id);
  expect(refusal({ kind: "running", target: "kkkk" })).toMatchObject({ code: "not-live" });
});

test("an external session where a live one was asked for says where it runs", () => {
  expect(refusal({ target: "xxxxxxxx", kind: "live" }, [...listed, outside])).toMatchObject({
    code: "external-session",
    message: "Session xxxxxxxx (pi) was started without pisync: it runs in tmux pane %7 (process 4711).",
    next: "Go to it with: pisync attach xxxxxxxx",
    facts: { session: "xxxxxxxx", pid: 4711, tty: "/dev/pts/3", tmuxSocket: "/tmp/tmux-0/default", pane: "%7" },
  });
});
