import { homedir } from "node:os";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionIdOf } from "../../../../daemon/sessions/session-identity.ts";
import { compareSessions } from "../../../../daemon/sessions/session-summary.ts";
import type { StateChange } from "../../../../protocol/daemon-state.ts";
import { SessionSummary } from "../../../../protocol/session.ts";
import { external, indexed, KnownFacts } from "../../../fixtures/daemon/known-facts.ts";
import { HOST, hostState, sessionRecord } from "../../../fixtures/daemon/records.ts";

let facts: KnownFacts;
let changes: StateChange[];
beforeEach(() => {
  facts = new KnownFacts();
  changes = [];
  facts.list.onChange((change) => changes.push(change));
});
afterEach(() => facts.list.close());

const ids = () => facts.list.all().map(({ id }) => id);

/** What was told since the last time. */
function told(): { changed: string[]; removed: string[] } {
  facts.list.all();
  const since = changes.splice(0);
  return {
    changed: since.flatMap(({ changed }) => changed.map(({ id }) => id)).sort(),
    removed: since.flatMap(({ removed }) => removed).sort(),
  };
}

test("live sessions come first, then external, then resumable ones, newest first; activity moves nothing", () => {
  facts.record(sessionRecord("aaaaaaaa", { agent: "command", createdAt: 1, updatedAt: 9 }));
  facts.record(sessionRecord("bbbbbbbb", { createdAt: 2, host: HOST }));
  facts.record(sessionRecord("cccccccc", { agent: "command", createdAt: 3 }));
  facts.record(sessionRecord("dddddddd", { createdAt: 4, host: HOST }));
  facts.record(sessionRecord("eeeeeeee", { createdAt: 4, host: HOST }));
  facts.processes(external("ffffffff", { startedAt: 9 }));
  const order = ["dddddddd", "eeeeeeee", "bbbbbbbb", "ffffffff", "cccccccc", "aaaaaaaa"];
  expect(ids()).toEqual(order);
  expect([...facts.list.all()].reverse().sort(compareSessions)).toEqual(facts.list.all());
  facts.record(sessionRecord("bbbbbbbb", { createdAt: 2, updatedAt: 9_000, host: HOST }));
  expect(ids()).toEqual(order);
});

test("a conversation that pisync never launched is an entry with the id that it keeps", () => {
  const conversation = indexed("one", {
    name: "mine",
    cwd: "/there",
    createdAt: 5,
    lastActivity: 7,
    messages: 3,
    parent: "zero",
  });
  facts.write(conversation);
  const [entry] = facts.list.all();
  expect(entry).toEqual({
    id: sessionIdOf("one"),
    kind: "resumable",
    agent: "pi",
    title: "mine",
    titleSource: "name",
    cwd: "/there",
    status: { state: "exited", since: 1_000, source: "jsonl" },
    conversation: { id: "one", path: conversation.path },
    parent: "zero",
    messages: 3,
    views: 0,
    createdAt: 5,
    updatedAt: 7,
  });
  expect(SessionSummary.parse(entry)).toEqual(entry);
  facts.record(sessionRecord(sessionIdOf("one"), { conversation: { id: "one" }, host: HOST }));
  expect(told()).toEqual({ changed: [sessionIdOf("one"), sessionIdOf("one")], removed: [] });
  expect(facts.list.all()).toMatchObject([{ id: sessionIdOf("one"), kind: "live" }]);
});

test("when the session goes on with another conversation, the first one is an entry of its own again", () => {
  const id = sessionIdOf("one");
  facts.write(indexed("one"), indexed("two"));
  facts.record(sessionRecord(id, { conversation: { id: "one" }, host: HOST }));
  expect(ids()).toEqual([id, sessionIdOf("two")]);
  facts.record(sessionRecord(id, { conversation: { id: "two" }, host: HOST }));
  expect(facts.list.ofConversation("two")).toMatchObject({ id, kind: "live" });
  expect(facts.list.ofConversation("one")).toMatchObject({ id: sessionIdOf("one", 1), kind: "resumable" });
  expect(facts.list.all()).toHaveLength(2);
});

test("a conversation is one entry: the process that holds it, else the last session that did", () => {
  const conversation = { id: "one" };
  facts.write(indexed("one"));
  expect(ids()).toEqual([sessionIdOf("one")]);
  facts.record(sessionRecord("aaaaaaaa", { conversation, createdAt: 5, updatedAt: 5 }));
  facts.record(sessionRecord("bbbbbbbb", { conversation, createdAt: 4, updatedAt: 8 }));
  expect(told()).toEqual({ changed: ["bbbbbbbb", sessionIdOf("one")].sort(), removed: [sessionIdOf("one")] });
  expect(ids()).toEqual(["bbbbbbbb"]);
  const status = { state: "idle", since: 1, source: "extension" } as const;
  facts.processes(external("eeeeeeee", { report: { conversation, status } }));
  expect(told()).toEqual({ changed: ["eeeeeeee"], removed: ["bbbbbbbb"] });
  facts.processes();
  expect(told()).toEqual({ changed: ["bbbbbbbb"], removed: ["eeeeeeee"] });
  facts.record(sessionRecord("cccccccc", { conversation, createdAt: 1, updatedAt: 1, host: HOST }));
  expect(ids()).toEqual(["cccccccc"]);
  expect(facts.list.find("bbbbbbbb")).toMatchObject({ id: "bbbbbbbb", kind: "resumable" });
  expect(facts.list.ofConversation("one")?.id).toBe("cccccccc");
});

test("two files with one id are one entry, of the one written last", () => {
  facts.write(indexed("one", { path: "/a.jsonl", name: "newest" }), indexed("one", { path: "/b.jsonl" }));
  expect(facts.list.all()).toMatchObject([{ title: "newest", conversation: { path: "/a.jsonl" } }]);
  facts.remove("/a.jsonl");
  expect(facts.list.all()).toMatchObject([{ conversation: { path: "/b.jsonl" } }]);
  facts.remove("/b.jsonl");
  expect(facts.list.all()).toEqual([]);
});

test("a file whose conversation is another one now is another entry", () => {
  facts.write(indexed("one", { path: "/a.jsonl" }));
  facts.list.all();
  facts.write(indexed("two", { path: "/a.jsonl" }));
  expect(told()).toEqual({
    changed: [sessionIdOf("one"), sessionIdOf("two")].sort(),
    removed: [sessionIdOf("one")],
  });
});

test("what cannot be resumed is no entry, and is found by its id; when its file is back it is one", () => {
  facts.record(sessionRecord("aaaaaaaa", { agent: "command" }));
  const change = { conversation: { id: "one" }, attribution: { evidence: "extension" } } as const;
  facts.record(sessionRecord("cccccccc", change), { resumable: false });
  facts.record(sessionRecord("dddddddd", { host: HOST }), { resumable: false });
  expect(ids()).toEqual(["dddddddd", "aaaaaaaa"]);
  expect(facts.list.find("cccccccc")).not.toHaveProperty("conversation");
  expect(facts.list.find("cccccccc")).not.toHaveProperty("attribution");
  facts.write(indexed("one"));
  expect(ids()).toEqual(["dddddddd", "aaaaaaaa", "cccccccc"]);
  expect(facts.list.find("cccccccc")).toMatchObject(change);
});

test("a live session's facts are its host's", () => {
  const record = sessionRecord("abcdefgh", {
    host: { ...HOST, child: { pid: 77, startTime: "1" } },
    conversation: { id: "one" },
    attribution: { evidence: "launch" },
  });
  const state = hostState(record, {
    status: { state: "working", since: 5, source: "extension" },
    views: [{ mode: "mirror", size: { cols: 1, rows: 1 } }],
  });
  facts.record(record, { state });
  const summary = facts.list.find("abcdefgh");
  expect(summary).toMatchObject({ kind: "live", pid: 77, views: 1, socket: HOST.socket, hostVersion: "0.1.0" });
  expect(summary?.status).toEqual(state.status);
  expect(summary).not.toHaveProperty("ending");
  expect(SessionSummary.parse(summary)).toEqual(summary);
});

test("an ended session says how it ended, and absent facts are absent fields", () => {
  const ended = (interrupted: boolean) => {
    facts.record(sessionRecord("abcdefgh", { ending: { at: 7, cause: "host-died", interrupted } }));
    return facts.list.find("abcdefgh");
  };
  expect(ended(true)?.status).toEqual({ state: "interrupted", since: 7, source: "process" });
  expect(ended(false)?.status).toEqual({ state: "exited", since: 7, source: "process" });
  expect(Object.keys(ended(false) ?? {}).sort()).toEqual(
    ["agent", "createdAt", "cwd", "ending", "generation", "id", "kind", "status"]
      .concat(["title", "titleSource", "updatedAt", "views"])
      .sort(),
  );
});

test("an external session is told with its process, its terminal and what its extension reports", () => {
  const terminal = { tty: "/dev/pts/3", tmux: { socket: "/tmp/t", pane: "%7" } };
  const report = {
    conversation: { id: "one", path: "/one.jsonl" },
    status: { state: "working", since: 4_000, source: "extension" },
    name: "outside",
  } as const;
  facts.processes(external("eeeeeeee", { terminal, report }));
  const summary = facts.list.find("eeeeeeee");
  expect(summary).toMatchObject({ kind: "external", pid: 77, terminal, title: "outside", status: report.status });
  expect(summary).toMatchObject({ attribution: { evidence: "extension" }, createdAt: 3_000 });
  expect(SessionSummary.parse(summary)).toEqual(summary);
});

test("the id of an external session that has ended leads to what it had open", () => {
  facts.write(indexed("one"));
  const status = { state: "idle", since: 1, source: "extension" } as const;
  facts.processes(external("eeeeeeee", { report: { conversation: { id: "one" }, status } }), external("ffffffff"));
  expect(facts.list.find("eeeeeeee")?.kind).toBe("external");
  facts.processes();
  expect(facts.list.find("eeeeeeee")).toMatchObject({ id: sessionIdOf("one"), kind: "resumable" });
  expect(facts.list.find("ffffffff")).toBeUndefined();
  expect(ids()).toEqual([sessionIdOf("one")]);
});

test("a session without extension has the conversation that it was compared with, and its status", () => {
  const one = indexed("one", { tip: { entry: "user", at: 9_000, runAt: 9_000 } });
  facts.write(one);
  facts.record(sessionRecord("abcdefgh", { host: HOST }));
  expect(ids()).toEqual(["abcdefgh", sessionIdOf("one")]);
  expect(facts.list.ofConversation("one")).not.toHaveProperty("status");
  facts.attribute("abcdefgh", one);
  expect(ids()).toEqual(["abcdefgh"]);
  expect(facts.list.find("abcdefgh")).toMatchObject({
    conversation: { id: "one", path: one.path },
    attribution: { evidence: "content" },
    status: { state: "working", since: 9_000, source: "jsonl" },
  });
  facts.attribute("abcdefgh", undefined);
  expect(ids()).toEqual(["abcdefgh", sessionIdOf("one")]);
});

test("what its extension says counts more than a comparison", () => {
  facts.write(indexed("one"), indexed("two"));
  const conversation = { id: "one" };
  facts.record(sessionRecord("abcdefgh", { host: HOST, conversation, attribution: { evidence: "extension" } }));
  facts.attribute("abcdefgh", indexed("two"));
  expect(facts.list.find("abcdefgh")).toMatchObject({ conversation: { id: "one" } });
  facts.record(sessionRecord("abcdefgh", { host: HOST, conversation, attribution: { evidence: "launch" } }));
  expect(facts.list.find("abcdefgh")).toMatchObject({ conversation: { id: "two" } });
});

test("a rename in the file is shown at once, unless pi has yet to be told another name", () => {
  const conversation = { id: "one" };
  const title = () => facts.list.ofConversation("one")?.title;
  facts.write(indexed("one", { firstMessage: "hello" }));
  expect(title()).toBe("hello");
  facts.write(indexed("one", { firstMessage: "hello", name: "renamed" }));
  expect(title()).toBe("renamed");
  facts.record(sessionRecord("abcdefgh", { conversation, name: "before" }));
  expect(title()).toBe("renamed");
  facts.record(sessionRecord("abcdefgh", { conversation, name: "to be told", namePending: true }));
  expect(title()).toBe("to be told");
  const attribution = { evidence: "extension" } as const;
  facts.record(sessionRecord("abcdefgh", { conversation, attribution, name: "by pi", host: HOST }));
  expect(title()).toBe("by pi");
});

test("the parent is told by its id, also when its file is read after the child's", () => {
  facts.write(indexed("child", { parent: "/conversations/parent.jsonl" }));
  expect(facts.list.ofConversation("child")).not.toHaveProperty("parent");
  facts.write(indexed("parent"));
  facts.scanned();
  expect(facts.list.ofConversation("child")?.parent).toBe("parent");
});

test("a conversation without a directory is at home", () => {
  const { header, ...reading } = indexed("one").reading;
  facts.write({ ...indexed("one"), reading: { ...reading, header: { id: "one", createdAt: header.createdAt } } });
  expect(facts.list.ofConversation("one")?.cwd).toBe(homedir());
});

test("nothing is told when nothing has changed, and unchanged entries stay the same objects", () => {
  facts.write(indexed("one"), indexed("two"));
  const before = facts.list.all();
  changes.length = 0;
  facts.write(indexed("one"));
  facts.write(indexed("two", { messages: 9 }));
  expect(told()).toEqual({ changed: [sessionIdOf("two")], removed: [] });
  expect(facts.list.ofConversation("one")).toBe(before.find(({ id }) => id === sessionIdOf("one")));
});

test("changes of one moment are told as one, without being asked for", async () => {
  facts.write(indexed("one"));
  facts.write(indexed("one", { messages: 3 }), indexed("two"));
  facts.remove(indexed("two").path);
  await expect.poll(() => changes, { timeout: 20_000 }).toHaveLength(1);
  expect(changes).toMatchObject([{ changed: [{ messages: 3 }], removed: [] }]);
});

test("a status that changes by time alone is told when its time has come", () => {
  vi.useFakeTimers({ now: 10_000 });
  try {
    const failing = indexed("one", { tip: { entry: "error", at: 9_900, runAt: 9_000, errors: 1 } });
    facts.write(failing);
    facts.record(sessionRecord("abcdefgh", { host: HOST }));
    facts.attribute("abcdefgh", failing);
    expect(facts.list.find("abcdefgh")?.status?.state).toBe("working");
    changes.length = 0;
    vi.advanceTimersByTime(1_000);
    expect(changes).toMatchObject([{ changed: [{ id: "abcdefgh", status: { state: "error" } }] }]);
  } finally {
    vi.useRealTimers();
  }
});

test("what its user wants of a session is told, also of a conversation that pisync never launched", () => {
  facts.record(sessionRecord("aaaaaaaa", { agent: "command", host: HOST }));
  facts.write(indexed("one", { lastActivity: 5_000 }));
  told();
  facts.mute("aaaaaaaa");
  facts.dismiss(sessionIdOf("one"), 5_000);
  expect(told().changed).toEqual(["aaaaaaaa", sessionIdOf("one")].sort());
  expect(facts.list.find("aaaaaaaa")?.muted).toBe(true);
  expect(facts.list.find(sessionIdOf("one"))?.dismissed).toBe(true);
  facts.write(indexed("one", { lastActivity: 5_001 }));
  expect(told().changed).toEqual([sessionIdOf("one")]);
  expect(facts.list.find(sessionIdOf("one"))).not.toHaveProperty("dismissed");
});
