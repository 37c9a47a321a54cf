import { describe, expect, test } from "vitest";
import { answerOf, toBridgeQuestion } from "../../../../control/bridge/questions.ts";
import { QuestionLog } from "../../../../control/question-log.ts";
import type { EventData } from "../../../../protocol/events.ts";
import type { Question } from "../../../../protocol/questions.ts";

function question(more: Partial<Question>): Question {
  return { id: "q1", kind: "select", openedAt: 0, ...more };
}

describe("a question", () => {
  test.each<[Partial<Question>, object]>([
    [
      { kind: "select", title: "Which?", options: ["a", "b"] },
      { header: "Which?", question: "Which?", options: [{ label: "a" }, { label: "b" }], multiple: false },
    ],
    [
      { kind: "confirm", title: "Sure?", message: "Gone then." },
      { question: "Sure?\nGone then.", options: [{ label: "Yes" }, { label: "No" }] },
    ],
    [
      { kind: "input", title: "Name?" },
      { question: "Name?", options: [] },
    ],
    [
      { kind: "questions", questions: [{ question: "Go on?", header: "Go", options: ["Stop"], multiple: true }] },
      { header: "Go", question: "Go on?", options: [{ label: "Stop" }], multiple: true },
    ],
  ])("has the form of pi-questions: %o", (given, expected) => {
    const { requestId, openedAt, request } = toBridgeQuestion(question(given));
    expect({ requestId, openedAt }).toEqual({ requestId: "q1", openedAt: "1970-01-01T00:00:00.000Z" });
    expect(request.questions).toMatchObject([expected]);
  });

  test.each<[Question["kind"], unknown, unknown]>([
    ["select", [["a"]], "a"],
    ["select", ["a"], "a"],
    ["input", "a", "a"],
    ["editor", [["a", "b"]], "a"],
    ["input", [], null],
    ["confirm", [["Yes"]], true],
    ["confirm", [[" no "]], false],
    ["confirm", false, false],
    ["questions", [["a"], ["b", "c"]], [["a"], ["b", "c"]]],
    ["custom", { any: 1 }, { any: 1 }],
  ])("of the kind %s is answered with %o", (kind, answers, expected) => {
    expect(answerOf(question({ kind }), answers)).toEqual(expected);
  });

  test.each([[[["Maybe"]]], [undefined], [[]]])("to be confirmed is not answered with %o", (answers) => {
    expect(() => answerOf(question({ kind: "confirm" }), answers)).toThrow('[["Yes"]]');
  });
});

describe("the log of questions", () => {
  function openLog() {
    const said: EventData[] = [];
    const log = new QuestionLog((data) => said.push(data));
    const ask = (...ids: string[]) => log.receive({ type: "questions", open: ids.map((id) => question({ id })) });
    const actions = () => said.splice(0).map(({ action, requestId }) => `${String(requestId)} ${String(action)}`);
    return { log, ask, actions };
  }

  test("says what opens, and how it closes", () => {
    const { log, ask, actions } = openLog();
    ask("q1", "q2", "q3");
    expect(actions()).toEqual(["q1 opened", "q2 opened", "q3 opened"]);
    log.settling("q1", "answered");
    log.settling("q2", "rejected");
    ask("q4");
    expect(actions()).toEqual(["q1 answered", "q2 rejected", "q3 closed", "q4 opened"]);
  });

  test("says nothing twice after a reconnect, and takes back what was refused", () => {
    const { log, ask, actions } = openLog();
    ask("q1");
    log.settling("q1", "answered");
    log.notSettled("q1");
    ask("q1");
    ask();
    expect(actions()).toEqual(["q1 opened", "q1 closed"]);
  });
});
