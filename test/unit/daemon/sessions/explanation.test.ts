import { afterEach, beforeEach, expect, test } from "vitest";
import { explain } from "../../../../daemon/sessions/explanation.ts";
import { sessionIdOf } from "../../../../daemon/sessions/session-identity.ts";
import { Explanation, type ExplainedFact } from "../../../../protocol/daemon-state.ts";
import { external, indexed, KnownFacts } from "../../../fixtures/daemon/known-facts.ts";
import { HOST, hostState, sessionRecord } from "../../../fixtures/daemon/records.ts";

let facts: KnownFacts;
beforeEach(() => (facts = new KnownFacts()));
afterEach(() => facts.list.close());

/** By fact; each explanation is of the shape that clients expect. */
function explained(id: string): Partial<Record<ExplainedFact["fact"], ExplainedFact>> {
  const session = facts.list.find(id);
  const known = facts.list.known(id);
  if (session === undefined || known === undefined) throw new Error(`there is no ${id}`);
  const explanation = Explanation.parse(explain(known, session, 10_000));
  return Object.fromEntries(explanation.facts.map((fact) => [fact.fact, fact]));
}

test("a live session with its extension is explained by it", () => {
  const attribution = { evidence: "extension" } as const;
  const record = sessionRecord("abcdefgh", {
    host: { ...HOST, child: { pid: 42, startTime: "1" } },
    argv: ["pi", "-c"],
    name: "mine",
    conversation: { id: "one", path: "/c/one.jsonl" },
    attribution,
  });
  const status = { state: "error", since: 5_000, source: "extension", error: "401", unseen: true } as const;
  facts.record(record, { state: hostState(record, { status }) });
  facts.write(indexed("one", { path: "/c/one.jsonl", messages: 3, lastActivity: 4_000, parent: "zero" }));
  expect(explained("abcdefgh")).toMatchObject({
    kind: { value: "live" },
    status: { value: "error, unseen, 401", source: "the pisync extension inside pi", at: 5_000 },
    title: { value: "mine", source: "the pisync extension inside pi" },
    conversation: { value: "one in /c/one.jsonl", at: 4_000 },
    attribution: { value: "exact" },
    process: { value: "42, held by host 4000000", evidence: "The host of pisync 0.1.0 started it with: pi -c" },
    terminal: { value: "0 views", evidence: "Its own terminal has 80 by 24 cells." },
  });
  expect(explained("abcdefgh").conversation?.evidence).toMatch(/^3 messages, the last one at .*forked from zero\.$/);
});

test("of a session that has ended it is said in the past", () => {
  const past = {
    conversation: { id: "one", path: "/c/one.jsonl" },
    ending: { at: 9, cause: "exited" as const, interrupted: false },
  };
  facts.record(sessionRecord("abcdefgh", { ...past, attribution: { evidence: "extension" } }));
  expect(explained("abcdefgh").attribution?.evidence).toBe(
    "Until its end pi itself said which conversation it had open.",
  );
  facts.record(sessionRecord("abcdefgh", { ...past, attribution: { evidence: "launch" } }));
  expect(explained("abcdefgh").attribution?.evidence).toMatch(/that it had it open at its end\.$/);
});

test("what is missing is said, with the reason", () => {
  const record = sessionRecord("abcdefgh", { host: HOST });
  const degraded = { reason: "switched-off", detail: "PISYNC_NO_EXTENSION=1 was set." } as const;
  facts.record(record, { state: hostState(record, { degraded }) });
  const { status, title, conversation, attribution } = explained("abcdefgh");
  expect(status).toMatchObject({ value: "not known", source: "pisync" });
  expect(status?.evidence).toMatch(/PISYNC_NO_EXTENSION=1 was set\.$/);
  expect(title).toMatchObject({ value: "pi", source: "pisync" });
  expect(conversation).toMatchObject({ value: "not known" });
  expect(attribution).toMatchObject({ value: "none" });
});

test("a comparison says what was compared, and when", () => {
  const one = indexed("one", { firstMessage: "hello" });
  facts.write(one);
  facts.record(sessionRecord("abcdefgh", { host: HOST }));
  facts.attribute("abcdefgh", one, "9 of 10 pieces of the screen are in it.");
  expect(explained("abcdefgh")).toMatchObject({
    status: { value: "idle", source: "the conversation's file" },
    title: { value: "hello", source: "the conversation's file" },
    attribution: { value: "by its content", evidence: "9 of 10 pieces of the screen are in it.", at: 1_000 },
  });
});

test("an external session is explained by its process and its terminal", () => {
  const terminal = { tty: "/dev/pts/3", tmux: { socket: "/tmp/t", pane: "%7" } };
  facts.processes(external("eeeeeeee", { terminal }));
  expect(explained("eeeeeeee")).toMatchObject({
    kind: { value: "external", at: 3_000 },
    process: { value: "77", source: "the system" },
    terminal: { value: "tmux pane %7", evidence: expect.stringContaining("/tmp/t") as string },
  });
  facts.processes(external("eeeeeeee", { terminal: { tty: "/dev/pts/3", session: "abcdefgh" } }));
  expect(explained("eeeeeeee").terminal?.value).toBe("session abcdefgh");
  facts.processes(external("eeeeeeee", { terminal: { tty: "/dev/pts/3" } }));
  expect(explained("eeeeeeee").terminal?.value).toBe("terminal pts/3");
});

test("a conversation on disk is explained by its file, one that is renamed by its user", () => {
  facts.write(indexed("one", { name: "named" }));
  const id = sessionIdOf("one");
  expect(explained(id)).toMatchObject({
    kind: { value: "resumable", evidence: expect.stringContaining("found on disk") as string },
    status: { value: "exited", source: "the conversation's file" },
    title: { value: "named", source: "the conversation's file" },
  });
  expect(Object.keys(explained(id)).sort()).toEqual(["conversation", "kind", "status", "title"]);
  facts.record(sessionRecord(id, { conversation: { id: "one" }, name: "new", namePending: true }));
  expect(explained(id).title).toMatchObject({ value: "new", source: "its user" });
});

test.each([
  [{ cause: "exited", exitCode: 3 }, "Its program exited with code 3."],
  [{ cause: "exited", signal: 9 }, "Its program was ended by signal 9."],
  [{ cause: "killed" }, "It was killed."],
  [{ cause: "host-died" }, "Its host died."],
] as const)("an ending %o is said", (ending, sentence) => {
  facts.record(sessionRecord("abcdefgh", { agent: "command", ending: { at: 7, interrupted: false, ...ending } }));
  const { kind, ...others } = explained("abcdefgh");
  expect(kind).toMatchObject({ at: 7, evidence: `${sentence} Nothing holds it now.` });
  expect(Object.keys(others).sort()).toEqual(["status", "title"]);
});
