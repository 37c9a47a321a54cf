import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { EventData } from "../protocol/events.ts";
import type { Question, QuestionId } from "../protocol/questions.ts";
import { toBridgeQuestion } from "./bridge/questions.ts";

type Settled = "answered" | "rejected";

const MAX_REMEMBERED = 100;

/**
 * Puts questions that open and close into the event log, as `question`: `action` is `opened`, with the question;
 * `answered` or `rejected` where a program did that; `closed` where it was done in the terminal.
 */
export class QuestionLog {
  readonly #append: (data: EventData) => void;
  /** What programs have done about questions that may still be listed. */
  readonly #settled = new Map<QuestionId, Settled>();
  #open: readonly Question[] = [];

  constructor(append: (data: EventData) => void) {
    this.#append = append;
  }

  receive(message: AgentToHost): void {
    if (message.type !== "questions") return;
    const [before, now] = [this.#open, message.open];
    this.#open = now;
    for (const { id } of before.filter((question) => now.every((other) => other.id !== question.id))) {
      this.#append({ action: this.#settled.get(id) ?? "closed", requestId: id });
      this.#settled.delete(id);
    }
    for (const question of now.filter(({ id }) => before.every((other) => other.id !== id))) {
      this.#append({ action: "opened", ...toBridgeQuestion(question) });
    }
  }

  /** A program settles it: the agent is told next. */
  settling(id: QuestionId, how: Settled): void {
    this.#settled.set(id, how);
    if (this.#settled.size > MAX_REMEMBERED) this.#settled.delete(this.#settled.keys().next().value ?? "");
  }

  /** The agent did not take it. */
  notSettled(id: QuestionId): void {
    this.#settled.delete(id);
  }
}
