import type { Question } from "../../protocol/questions.ts";
import { PisyncError } from "../../runtime/failure.ts";

/** A question in the form of the pi-questions extension, which clients of the bridge know. */
export interface BridgeQuestion {
  requestId: string;
  /** ISO 8601. */
  openedAt: string;
  kind: Question["kind"];
  request: {
    id: string;
    header?: string;
    questions: { header: string; question: string; options: { label: string }[]; multiple: boolean }[];
  };
}

const YES_NO = ["Yes", "No"];

export function toBridgeQuestion(question: Question): BridgeQuestion {
  const { id, kind, title = "", message = "", options = kind === "confirm" ? YES_NO : [] } = question;
  const single = { question: [title, message].filter(Boolean).join("\n"), options, multiple: false, header: undefined };
  return {
    requestId: id,
    openedAt: new Date(question.openedAt).toISOString(),
    kind,
    request: {
      id,
      ...(title === "" ? {} : { header: title }),
      questions: (question.questions ?? [single]).map((part) => ({
        header: part.header ?? part.question,
        question: part.question,
        options: part.options.map((label) => ({ label })),
        multiple: part.multiple,
      })),
    },
  };
}

/**
 * What answers the question, from the labels that a client of the bridge gives: `[["Yes"]]`, or `["Yes"]`, `"Yes"`.
 * Pure. @throws PisyncError `bad-answer`.
 */
export function answerOf({ id, kind }: Question, answers: unknown): NonNullable<unknown> | null {
  if (kind === "questions" || kind === "custom") return answers ?? null;
  const first: unknown = [answers].flat(2)[0];
  if (kind !== "confirm") return first ?? null;
  if (typeof first === "boolean") return first;
  const word = typeof first === "string" ? first.trim().toLowerCase() : "";
  if (word === "yes" || word === "true") return true;
  if (word === "no" || word === "false") return false;
  throw new PisyncError("bad-answer", 'The answer has to be [["Yes"]] or [["No"]].', { facts: { id } });
}
