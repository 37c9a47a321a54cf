import { afterEach, beforeEach, expect, test } from "vitest";
import { createListAnswers, type ListAnswers } from "../../../../daemon/api/list-answers.ts";
import type { IndexState } from "../../../../protocol/daemon-state.ts";
import { SessionList } from "../../../../protocol/session.ts";
import { sessionIdOf } from "../../../../daemon/sessions/session-identity.ts";
import { indexed, KnownFacts } from "../../../fixtures/daemon/known-facts.ts";

let facts: KnownFacts;
let scan: Pick<IndexState, "state" | "scanned" | "found">;
let answers: ListAnswers;
beforeEach(() => {
  facts = new KnownFacts();
  scan = { state: "ready", scanned: 1, found: 1 };
  const state = (): IndexState => ({ ...scan, conversations: 0, since: 0, textPendingBytes: 0, troubles: [] });
  answers = createListAnswers({ sessions: facts.list, index: { state } });
});
afterEach(() => {
  answers.close();
  facts.list.close();
});

const present = () => SessionList.parse(JSON.parse(answers.present().toString()));

test("the answer is the list, the same bytes until an entry of it is another one", () => {
  facts.write(indexed("one", { name: "before" }), indexed("two"));
  expect(present().sessions).toEqual(facts.list.all());
  const bytes = answers.present();
  facts.list.lookAt(sessionIdOf("one"));
  expect(answers.present()).toBe(bytes);
  facts.write(indexed("one", { name: "after" }));
  expect(present().sessions.map(({ title }) => title)).toContain("after");
  facts.remove("/two.jsonl");
  expect(present().sessions).toEqual(facts.list.all());
});

test("while conversations are read for the first time, every answer says how far that is", () => {
  scan = { state: "scanning", scanned: 1, found: 9 };
  expect(present().scanning).toEqual({ scanned: 1, found: 9 });
  scan = { state: "scanning", scanned: 9, found: 9 };
  expect(present().scanning).toEqual({ scanned: 9, found: 9 });
  scan = { state: "ready", scanned: 9, found: 9 };
  expect(present()).toEqual({ schemaVersion: 1, sessions: [] });
});
