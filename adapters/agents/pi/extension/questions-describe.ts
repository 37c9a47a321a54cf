import type { Question, QuestionKind } from "../../../../protocol/questions.ts";

/** Questions as they are listed outside: whoever asked may have given anything, and any amount of it. */

const KINDS: readonly unknown[] = ["select", "confirm", "input", "editor", "custom", "questions"];
const MAX_TEXT = 2_000;
const MAX_OPTION = 300;
const MAX_OPTIONS = 100;
const MAX_PARTS = 20;
const MAX_PART_OPTIONS = 50;
const MAX_ID = 128;

let count = 0;

/** A dialog of `ctx.ui`, by the arguments of its method. */
export function describeDialog(kind: QuestionKind, [title, second]: readonly unknown[]): Question {
  if (kind === "custom") return described({ kind });
  if (kind === "select") return described({ kind, title, options: second });
  if (kind === "confirm") return described({ kind, title, message: second });
  return described({ kind, title, [kind === "input" ? "placeholder" : "prefill"]: second });
}

/** What an extension asks through the broker. What has no known kind takes any answer. */
export function described(asked: unknown): Question {
  const { id, kind, title, message, options, placeholder, prefill, questions } = fieldsOf(asked);
  return {
    id: isId(id) ? id : `q${process.pid}-${Date.now().toString(36)}-${++count}`,
    kind: KINDS.includes(kind) ? (kind as QuestionKind) : "custom",
    title: textOf(title),
    message: textOf(message),
    options: Array.isArray(options) ? options.slice(0, MAX_OPTIONS).map(optionText) : undefined,
    placeholder: textOf(placeholder),
    prefill: textOf(prefill),
    questions: Array.isArray(questions) ? questions.slice(0, MAX_PARTS).map(partOf) : undefined,
    openedAt: Date.now(),
  };
}

export function isId(id: unknown): id is string {
  return typeof id === "string" && id.length > 0 && id.length <= MAX_ID;
}

/** One of several questions in one. */
export function partOf(part: unknown): NonNullable<Question["questions"]>[number] {
  const { question, header, options, multiple, multiSelect } = fieldsOf(part);
  const labels = (Array.isArray(options) ? options : []).map((option: unknown) => fieldsOf(option).label ?? option);
  return {
    question: textOf(question) ?? "",
    ...(typeof header === "string" ? { header: textOf(header) } : {}),
    options: labels.slice(0, MAX_PART_OPTIONS).map(optionText),
    multiple: multiple === true || multiSelect === true,
  };
}

export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, MAX_TEXT) : undefined;
}

function optionText(option: unknown): string {
  return typeof option === "string" ? option.slice(0, MAX_OPTION) : "";
}
