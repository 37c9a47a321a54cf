import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  attribute,
  openSessions,
  type ConversationFacts,
  type Decision,
  type SessionFacts,
} from "../../../../daemon/attribution/attribution.ts";
import { comparable } from "../../../../daemon/attribution/text-comparison.ts";

/** Real prose about one matter, so that what different texts have in common by chance is as much as it really is. */
const docs = join(
  import.meta.dirname,
  "..",
  "..",
  "..",
  "..",
  "node_modules",
  "@earendil-works",
  "pi-coding-agent",
  "docs",
);
const paragraphs = ["compaction", "extensions", "containerization", "security", "tui", "settings", "sessions"].map(
  (name) => readFileSync(join(docs, `${name}.md`), "utf8").slice(500, 4_000),
);
const [apples = "", pears = "", plums = "", figs = ""] = paragraphs;

/** As a terminal shows it: framed, wrapped in the middle of words, with pi's foot below. */
function drawn(...said: string[]): string {
  const lines = said.flatMap((text) => text.replace(/\s+/g, " ").match(/.{1,71}/g) ?? []);
  return comparable(
    [
      ...lines.map((line) => ` │ ${line} │`),
      "─".repeat(80),
      "/home/me/work (main)",
      "↑1.2k ↓40 0.1%/100k (auto)   some-model",
    ].join("\n"),
  );
}

const START = 1_000_000;
const session = (id: string, screen?: string, more: Partial<SessionFacts> = {}): SessionFacts => ({
  id,
  startedAt: START,
  screen,
  ownScreen: true,
  ...more,
});
const conversation = (path: string, text: string, more: Partial<ConversationFacts> = {}): ConversationFacts => ({
  path,
  writtenAt: START + 1_000,
  text: comparable(text).slice(-1_000),
  heldBefore: false,
  ...more,
});
const holding = (path: string, evidence: Decision["evidence"] = "content") => ({
  current: { path, evidence, detail: "before" },
});

function decide(sessions: SessionFacts[], conversations: ConversationFacts[]): Record<string, string> {
  const decided = attribute(sessions, conversations);
  return Object.fromEntries([...decided].map(([id, { path, evidence }]) => [id, `${path} ${evidence}`]));
}

describe("by content", () => {
  it("gives each session the conversation that its screen shows", () => {
    const sessions = [session("a", drawn(apples)), session("b", drawn(pears)), session("c", drawn(plums))];
    const conversations = [conversation("plums", plums), conversation("apples", apples), conversation("pears", pears)];
    expect(decide(sessions, conversations)).toEqual({ a: "apples content", b: "pears content", c: "plums content" });
  });

  it("says how much of it was there, and of the next best", () => {
    const decided = attribute(
      [session("a", drawn(apples))],
      [conversation("apples", apples), conversation("pears", pears)],
    );
    expect(decided.get("a")?.detail).toMatch(
      /^100 % of what was said last in it is on the session's screen; of the next best \d %\.$/,
    );
  });

  it("needs only the part that fits on the screen", () => {
    const end = comparable(apples).slice(-500);
    expect(decide([session("a", end)], [conversation("apples", apples), conversation("pears", pears)])).toEqual({
      a: "apples content",
    });
  });

  it("leaves two sessions alone while they were only given the same prompt, and never swaps them", () => {
    const prompt = "Please fix the failing test in the parser, and explain what was wrong with it.";
    const both = [conversation("one", prompt), conversation("two", prompt)];
    expect(decide([session("a", drawn(prompt)), session("b", drawn(prompt))], both)).toEqual({});
    // The first answer is written: it is on one screen, and the other one is left with the other conversation.
    const answered = [conversation("one", `${prompt}\n${apples.slice(0, 600)}`), conversation("two", prompt)];
    expect(decide([session("a", drawn(prompt)), session("b", drawn(prompt, apples.slice(0, 600)))], answered)).toEqual({
      b: "one content",
      a: "two content",
    });
    // Both wrote the same answer: still nothing tells them apart.
    const same = [conversation("one", `${prompt}\n${apples}`), conversation("two", `${prompt}\n${apples}`)];
    expect(decide([session("a", drawn(prompt, apples)), session("b", drawn(prompt, apples))], same)).toEqual({});
  });

  it("gives the one that is left to the one that is left, once the other one is known for a good reason", () => {
    const both = [conversation("one", pears), conversation("two", pears, { writtenAt: START + 5_000 })];
    const other = session("b", drawn(pears));
    expect(decide([session("a", drawn(pears), holding("one")), other], both)).toEqual({
      a: "one content",
      b: "two content",
    });
    expect(decide([session("a", drawn(pears), holding("one", "only-candidate")), other], both)).toEqual({
      a: "one only-candidate",
    });
  });

  it("does not take an answer that two screens show at the same time for the one of either", () => {
    // The second one streams what the first one has written already.
    const answer = pears.slice(0, 700);
    const conversations = [conversation("one", `same\n${answer}`), conversation("two", "same")];
    expect(decide([session("a", drawn("same", answer)), session("b", drawn("same", answer))], conversations)).toEqual(
      {},
    );
  });

  it("tells a fork from what it was forked from, once it has gone on", () => {
    const parent = conversation("parent", `${apples}\n${pears}`, { writtenAt: START + 1_000 });
    const fork = conversation("fork", `${apples}\n${plums}`, { writtenAt: START + 2_000 });
    expect(decide([session("a", drawn(apples, plums))], [parent, fork])).toEqual({ a: "fork content" });
  });

  it("prefers nothing when too little was said", () => {
    expect(decide([session("a", drawn("hi"))], [conversation("one", "hi"), conversation("two", "ho")])).toEqual({});
  });

  it("ignores what was written before the session began", () => {
    const old = conversation("old", apples, { writtenAt: START - 60_000 });
    const conversations = [old, conversation("new", pears)];
    expect(decide([session("a", drawn(pears, apples))], conversations)).toEqual({ a: "new content" });
  });

  it("prefers the session that shows it over one that only could", () => {
    const sessions = [session("a", undefined), session("b", drawn(apples))];
    expect(decide(sessions, [conversation("apples", apples), conversation("pears", pears)])).toEqual({
      b: "apples content",
    });
  });
});

describe("a session that continued a conversation and has written nothing yet", () => {
  const old = [
    conversation("old", apples, { writtenAt: START - 60_000 }),
    conversation("older", pears, { writtenAt: START - 90_000 }),
  ];

  it("gets the one that it shows", () => {
    expect(decide([session("a", drawn(apples))], old)).toEqual({ a: "old content" });
  });

  it("gets none for what another program left on its terminal", () => {
    expect(decide([session("a", drawn(apples), { ownScreen: false })], old)).toEqual({});
  });

  it("gets what it writes when that is another one", () => {
    const written = conversation("new", plums, { writtenAt: START + 5_000 });
    expect(decide([session("a", drawn(plums), holding("old"))], [...old, written])).toEqual({ a: "new content" });
  });
});

describe("the only candidate", () => {
  it("of the only session is its when the screen cannot be seen, or has nothing to tell by", () => {
    expect(decide([session("a")], [conversation("one", apples)])).toEqual({ a: "one only-candidate" });
    expect(decide([session("a", drawn("hi"))], [conversation("one", "hi")])).toEqual({ a: "one only-candidate" });
  });

  it("is content when the screen shows it", () => {
    expect(decide([session("a", drawn(apples))], [conversation("one", apples)])).toEqual({ a: "one content" });
  });

  it("is not taken when the screen shows something else", () => {
    expect(decide([session("a", drawn(pears))], [conversation("one", apples)])).toEqual({});
  });

  it("is not taken when there is another session, another candidate, or another one that held it before", () => {
    expect(decide([session("a"), session("b")], [conversation("one", apples)])).toEqual({});
    expect(decide([session("a")], [conversation("one", apples), conversation("two", pears)])).toEqual({});
    expect(decide([session("a")], [conversation("one", apples, { heldBefore: true })])).toEqual({});
    expect(decide([session("a")], [conversation("one", apples, { writtenAt: START - 60_000 })])).toEqual({});
  });

  it("stays when another session begins, until text says otherwise", () => {
    const sessions = [session("a", undefined, holding("one", "only-candidate")), session("b", drawn("nothing yet"))];
    expect(decide(sessions, [conversation("one", apples)])).toEqual({ a: "one only-candidate" });
    const shown = [session("a", drawn(pears), holding("one", "only-candidate")), session("b", drawn(apples))];
    expect(decide(shown, [conversation("one", apples), conversation("two", pears)])).toEqual({
      a: "two content",
      b: "one content",
    });
  });

  it("changes when only another one is written from then on", () => {
    const [one, two] = [conversation("one", apples), conversation("two", pears, { writtenAt: START + 9_000 })];
    expect(decide([session("a", undefined, holding("one", "only-candidate"))], [one, two])).toEqual({
      a: "two only-candidate",
    });
    expect(decide([session("a", undefined, holding("one"))], [one, two])).toEqual({ a: "two only-candidate" });
  });
});

describe("what a session holds", () => {
  it("stays its, whatever the screen shows, while no other conversation is written", () => {
    const sessions = [session("a", drawn(pears), holding("one"))];
    const conversations = [conversation("one", apples, { writtenAt: START + 5_000 }), conversation("two", pears)];
    expect(openSessions(sessions, conversations)).toEqual([]);
    expect(decide(sessions, conversations)).toEqual({ a: "one content" });
  });

  it("stays its when another one is written that the screen does not show", () => {
    const sessions = [session("a", drawn(apples), holding("one"))];
    const conversations = [conversation("one", apples), conversation("two", pears, { writtenAt: START + 5_000 })];
    expect(openSessions(sessions, conversations)).toHaveLength(1);
    expect(decide(sessions, conversations)).toEqual({ a: "one content" });
  });

  it("stays its when the screen shows neither, or cannot be seen while there are several sessions", () => {
    const conversations = [conversation("one", apples), conversation("two", pears, { writtenAt: START + 5_000 })];
    expect(decide([session("a", drawn(figs), holding("one"))], conversations)).toEqual({ a: "one content" });
    expect(decide([session("a", undefined, holding("one")), session("b")], conversations)).toEqual({
      a: "one content",
    });
  });

  it("changes with the screen when another one is written (/new, /resume)", () => {
    const conversations = [conversation("one", apples), conversation("two", pears, { writtenAt: START + 5_000 })];
    expect(decide([session("a", drawn(pears), holding("one"))], conversations)).toEqual({ a: "two content" });
    // Also when the old one is still to be seen above it.
    expect(decide([session("a", drawn(apples.slice(-700), pears), holding("one"))], conversations)).toEqual({
      a: "two content",
    });
    expect(decide([session("a", drawn(pears), holding("one", "launch"))], conversations)).toEqual({ a: "two content" });
  });

  it("is not open to question because of what another session holds and writes", () => {
    const sessions = [session("a", undefined, holding("one")), session("b", undefined, holding("two"))];
    const conversations = [conversation("one", apples), conversation("two", pears, { writtenAt: START + 5_000 })];
    expect(openSessions(sessions, conversations)).toEqual([]);
  });

  it("is gone with its file", () => {
    expect(decide([session("a", drawn(apples), holding("one"))], [])).toEqual({});
    expect(decide([session("a", drawn(pears), holding("one"))], [conversation("two", pears)])).toEqual({
      a: "two content",
    });
  });
});

describe("whatever the numbers", () => {
  it("gives no conversation to two sessions, and never a wrong one", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = generator(seed);
      const count = 2 + Math.floor(random() * 6);
      // Each session shows some end of its text below a part of another one's: long scrollback, a quotation.
      const sessions = Array.from({ length: count }, (_, at) => {
        const quoted = (paragraphs[Math.floor(random() * paragraphs.length)] ?? "").slice(
          0,
          Math.floor(random() * 200),
        );
        return session(`s${at}`, drawn(quoted, (paragraphs[at] ?? "").slice(-Math.floor(1_000 + random() * 2_500))));
      });
      const conversations = Array.from({ length: count }, (_, at) => conversation(`c${at}`, paragraphs[at] ?? ""));
      conversations.sort(() => random() - 0.5);
      const expected = Object.fromEntries(sessions.map(({ id }, at) => [id, `c${at} content`]));
      expect(decide(sessions, conversations)).toEqual(expected);
    }
  });
});

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
