import type { QuestionKind } from "../../../../protocol/questions.ts";

/** What to resolve a dialog with, or what would fit it, in one sentence. */
export type Answer = { value: unknown } | { wanted: string };

const MAX_CHARACTERS = 64 * 1024;
const MAX_OPTION_CHARACTERS = 300;

/** Whether an answer from outside fits a question; `options` are those of `select`, whole. Pure. */
export function fit(kind: QuestionKind, answer: unknown, options: readonly string[] = []): Answer {
  switch (kind) {
    case "select": {
      const option =
        options.find((each) => each === answer) ??
        options.find((each) => each.slice(0, MAX_OPTION_CHARACTERS) === answer);
      return option === undefined ? { wanted: "The answer has to be one of the options." } : { value: option };
    }
    case "confirm":
      return typeof answer === "boolean" ? { value: answer } : { wanted: "The answer has to be true or false." };
    case "input":
    case "editor":
      if (typeof answer === "string" && answer.length <= MAX_CHARACTERS) return { value: answer };
      return { wanted: `The answer has to be a text of at most ${MAX_CHARACTERS} characters.` };
    case "questions": {
      const isAnswers =
        Array.isArray(answer) &&
        answer.every((each) => Array.isArray(each) && each.every((text) => typeof text === "string"));
      if (isAnswers) return { value: answer };
      return { wanted: 'The answer has to have an array of texts for each question, as in [["yes"]].' };
    }
    case "custom":
      return { value: answer };
  }
}
