import * as z from "zod";
import { Instant, Integer, text } from "./values.ts";

/**
 * What extensions of the agent ask their user, on the host's socket, and below `/v1/sessions/:id` on the daemon's:
 *
 * GET  /v1/questions              QuestionList
 * POST /v1/questions/:id/answer   AnswerRequest, answers 202
 * POST /v1/questions/:id/reject   answers 202
 *
 * The first answer counts, whoever gives it, and closes the dialog. A later one is refused with `question-answered`,
 * an id that never was with `no-such-question`, an answer that does not fit with `bad-answer`.
 */
export const QuestionId = z.string().min(1).max(128);
export type QuestionId = z.infer<typeof QuestionId>;

/** `custom`: a dialog of the extension's own making. `questions`: what the pi-questions extension asks. */
export const QuestionKind = z.enum(["select", "confirm", "input", "editor", "custom", "questions"]);
export type QuestionKind = z.infer<typeof QuestionKind>;

export const MAX_QUESTIONS = 16;
export const MAX_ANSWER_CHARACTERS = 64 * 1024;
const Text = text(2_000);
const Option = text(300);

export const Question = z.object({
  id: QuestionId,
  kind: QuestionKind,
  title: Text.optional(),
  /** Of `confirm`. */
  message: Text.optional(),
  /** Of `select`; untrusted text, and cut when it is long. */
  options: z.array(Option).max(100).optional(),
  /** Of `input`. */
  placeholder: Text.optional(),
  /** Of `editor`: what it begins with. */
  prefill: Text.optional(),
  /** Of `questions`. */
  questions: z
    .array(
      z.object({ question: Text, header: Text.optional(), options: z.array(Option).max(50), multiple: z.boolean() }),
    )
    .max(20)
    .optional(),
  openedAt: Instant,
});
export type Question = z.infer<typeof Question>;

export const QuestionList = z.object({ questions: z.array(Question) });
export type QuestionList = z.infer<typeof QuestionList>;

/**
 * Of `select` one of its options, of `confirm` true or false, of `input` and `editor` a text, of `questions` an array
 * with an array of texts for each question, of `custom` whatever its extension takes.
 */
export const AnswerRequest = z.object({
  answer: z
    .json()
    .refine((answer) => JSON.stringify(answer).length <= MAX_ANSWER_CHARACTERS, "is longer than 65536 characters"),
});
export type AnswerRequest = z.infer<typeof AnswerRequest>;

/** Of the agent channel, upwards. */
export const QuestionReports = [
  /** At each change, and after each `identity`. */
  z.object({ type: z.literal("questions"), open: z.array(Question).max(MAX_QUESTIONS) }),
  z.object({
    type: z.literal("question-settled"),
    request: Integer,
    outcome: z.enum(["done", "unknown", "answered", "bad"]),
    /** Of `bad`: what would fit, in one sentence. */
    message: text(500).optional(),
  }),
] as const;

/** Of the agent channel, downwards. Without `answer` the question is rejected. */
export const QuestionCommands = [
  z.object({
    type: z.literal("settle-question"),
    request: Integer,
    id: QuestionId,
    answer: z.json().optional(),
  }),
] as const;
