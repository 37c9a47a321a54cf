import * as z from "zod";
import type { AnswerRequest, Question } from "../../protocol/questions.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { EXIT, print } from "../output.ts";
import { wordsBehindTarget } from "../target-words.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

const NEXT = "Try: pisync answer [TARGET] QUESTION ANSWER, with what pisync questions prints";

export async function answer(words: readonly string[], filters: TargetFilters): Promise<number> {
  const { target, rest } = wordsBehindTarget(words, filters, { count: 2, next: NEXT });
  const [question = "", text = ""] = rest;
  const { client, session } = await targetSession(target, filters, { kind: "running" });
  const { questions } = await client.questions(session.id);
  const asked = questions.find((each) => each.id === question);
  await client.answer(session.id, question, answerOf(asked, text));
  print(`${question} is answered`);
  return EXIT.done;
}

/** What a word on the command line means to the question; that it does not fit is for the session to say. Pure. */
export function answerOf(question: Question | undefined, text: string): AnswerRequest["answer"] {
  const { kind, options = [] } = question ?? {};
  if (kind === "confirm") return /^(yes|true|y)$/i.test(text) ? true : /^(no|false|n)$/i.test(text) ? false : text;
  if (kind === "select") return options.includes(text) ? text : (options[Number(text) - 1] ?? text);
  if (kind === "custom" || kind === "questions") return jsonOr(text, kind);
  return text;
}

function jsonOr(text: string, kind: "custom" | "questions"): AnswerRequest["answer"] {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    // To one question a word is answer enough.
    if (kind === "questions") return [[text]];
    throw new PisyncError("usage", "The answer to a custom dialog has to be JSON.", { next: `Try: '"${text}"'` });
  }
}
