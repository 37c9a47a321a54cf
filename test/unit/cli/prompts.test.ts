import { describe, expect, it, test } from "vitest";
import { answerOf } from "../../../cli/commands/answer.ts";
import { questionLines } from "../../../cli/commands/questions.ts";
import { exitCode } from "../../../cli/commands/send.ts";
import { wordsBehindTarget } from "../../../cli/target-words.ts";
import type { Question } from "../../../protocol/questions.ts";

describe("words behind a target", () => {
  const one = { count: 1, next: "" };

  it("are the last ones, and all of them with a filter", () => {
    expect(wordsBehindTarget(["text"], {}, one)).toEqual({ target: undefined, rest: ["text"] });
    expect(wordsBehindTarget(["k3x9", "text"], {}, one)).toEqual({ target: "k3x9", rest: ["text"] });
    expect(wordsBehindTarget(["text"], { pid: "7" }, one)).toEqual({ target: undefined, rest: ["text"] });
  });

  it("are refused when they are too many, so that a prompt without quotes goes nowhere", () => {
    expect(() => wordsBehindTarget(["fix", "the", "tests"], {}, one)).toThrow("too many");
    expect(() => wordsBehindTarget(["k3x9", "text"], { name: "n" }, one)).toThrow("too many");
    expect(() => wordsBehindTarget(["que_1"], {}, { count: 2, next: "" })).toThrow("too few");
  });
});

const question = (change: Partial<Question>): Question => ({ id: "q1", kind: "select", openedAt: 1, ...change });

test("an answer is what the question has it be", () => {
  expect(answerOf(question({ kind: "confirm" }), "Yes")).toBe(true);
  expect(answerOf(question({ kind: "confirm" }), "n")).toBe(false);
  expect(answerOf(question({ options: ["a", "b"] }), "2")).toBe("b");
  expect(answerOf(question({ options: ["2", "b"] }), "2")).toBe("2");
  expect(answerOf(question({ options: ["a"] }), "c")).toBe("c");
  expect(answerOf(question({ kind: "input" }), "1")).toBe("1");
  expect(answerOf(question({ kind: "questions" }), '[["a"],["b"]]')).toEqual([["a"], ["b"]]);
  expect(answerOf(question({ kind: "questions" }), "a")).toEqual([["a"]]);
  expect(() => answerOf(question({ kind: "custom" }), "a")).toThrow("JSON");
});

test("a question is shown with its options, and nothing in it reaches the terminal", () => {
  expect(questionLines(question({ title: "Which\x1b[2J?", options: ["a", "b\n"] }))).toEqual([
    "q1  select  Which?",
    "    1  a",
    "    2  b",
  ]);
});

test("the exit code says how prompt and run ended", () => {
  expect(exitCode({ state: "delivered", run: "done" })).toBe(0);
  expect(exitCode({ state: "queued" })).toBe(0);
  expect(exitCode({ state: "failed" })).toBe(1);
  expect(exitCode({ state: "delivered", run: "error" })).toBe(5);
  expect(exitCode({ state: "delivered", run: "aborted" })).toBe(6);
  expect(exitCode({ state: "cancelled" })).toBe(6);
});
