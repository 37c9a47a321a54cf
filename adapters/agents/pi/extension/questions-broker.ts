import type { EventBus } from "@earendil-works/pi-coding-agent";
import type { Question } from "../../../../protocol/questions.ts";
import { fit, type Answer } from "./questions-answers.ts";
import { described, fieldsOf, isId } from "./questions-describe.ts";

/** How an extension shows a question itself. Its result is an answer; `signal` says that there is another already. */
type Show = (signal: AbortSignal) => unknown;

interface OpenQuestion {
  question: Question;
  /** Whole, of `select`. */
  options: readonly string[] | undefined;
  readonly settle: (answer: unknown) => void;
}

/**
 * `globalThis[Symbol.for("pisync")].questions`: extensions ask their user through it (docs/extensions.md). There is one
 * in a process; sessions come and go.
 */
interface QuestionBroker {
  /** The first answer, from wherever it comes; undefined when the question was rejected, or the session has ended. */
  readonly ask: (question: unknown, show?: Show) => Promise<unknown>;
  readonly open: Map<string, OpenQuestion>;
  /** While an extension opens its own dialog for a question, which is not to be listed twice. */
  showing: boolean;
  onChange: (() => void) | undefined;
}

/** pi's bus, for who wants no function calls: `{id, kind, title, …}` asks, `{id, answer}` answers, either way. */
const QUESTION_CHANNEL = "pisync:question";
const ANSWER_CHANNEL = "pisync:answer";
const PISYNC = Symbol.for("pisync");
const MAX_OPEN = 64;

function questionBroker(): QuestionBroker {
  const globals = globalThis as unknown as Record<symbol, { questions?: QuestionBroker } | undefined>;
  return ((globals[PISYNC] ??= {}).questions ??= createBroker());
}

function createBroker(): QuestionBroker {
  const broker: QuestionBroker = {
    open: new Map(),
    showing: false,
    onChange: undefined,
    ask: (asked, show) =>
      new Promise((resolve, reject) => {
        const { open } = broker;
        const question = described(asked);
        const isListed = open.size < MAX_OPEN && !open.has(question.id);
        const answered = new AbortController();
        const close = () => {
          if (isListed) open.delete(question.id);
          answered.abort();
          broker.onChange?.();
        };
        const settle = (answer: unknown) => {
          if (answered.signal.aborted) return;
          close();
          resolve(answer);
        };
        if (isListed) open.set(question.id, { question, options: optionsOf(asked), settle });
        broker.onChange?.();
        if (show) {
          showQuietly(broker, () => show(answered.signal)).then(settle, (error: Error) => {
            close();
            reject(error);
          });
        } else if (!isListed) settle(undefined);
      }),
  };
  return broker;
}

function optionsOf(asked: unknown): string[] | undefined {
  const { options } = fieldsOf(asked);
  return Array.isArray(options) ? options.map(String) : undefined;
}

/** The extension's own dialogs open while this runs, and are not listed beside the question. */
function showQuietly(broker: QuestionBroker, show: () => unknown): Promise<unknown> {
  broker.showing = true;
  try {
    return Promise.resolve(show());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  } finally {
    broker.showing = false;
  }
}

export interface BrokerQuestionsParts {
  events: EventBus;
  /** Counts a question as waiting for its user until the returned function is called. */
  opened(title: string | undefined): () => void;
  onChange(): void;
  /** Somebody has answered, here or outside. */
  onClosed(id: string): void;
}

/** What extensions ask through the broker in one session of pi; at its end, what is open is rejected. */
export class BrokerQuestions {
  readonly #broker = questionBroker();
  readonly #parts: BrokerQuestionsParts;
  /** Those that are open, with what ends their waiting. */
  readonly #waiting = new Map<string, () => void>();
  readonly #stopHearing: (() => void)[];

  constructor(parts: BrokerQuestionsParts) {
    this.#parts = parts;
    this.#broker.onChange = () => {
      this.#look();
      parts.onChange();
    };
    this.#stopHearing = this.#hear(parts.events);
    this.#look();
  }

  get showing(): boolean {
    return this.#broker.showing;
  }

  list(): Question[] {
    return [...this.#broker.open.values()].map(({ question }) => question);
  }

  /** Undefined when there is no such question. Without `answer` it is rejected. */
  settle(id: string, answer: unknown): Answer | undefined {
    const open = this.#broker.open.get(id);
    if (open === undefined) return undefined;
    const fitting: Answer = answer === undefined ? { value: undefined } : fit(open.question.kind, answer, open.options);
    if ("value" in fitting) open.settle(fitting.value);
    return fitting;
  }

  close(): void {
    for (const stop of this.#stopHearing) stop();
    this.#broker.onChange = undefined;
    for (const { settle } of this.#broker.open.values()) settle(undefined);
    this.#look();
  }

  #hear(events: EventBus): (() => void)[] {
    /** Answered over the bus, where everybody has heard it. */
    const heard = new Set<string>();
    const asked = events.on(QUESTION_CHANNEL, (question) => {
      const { id } = fieldsOf(question);
      if (!isId(id) || this.#broker.open.has(id)) return;
      void this.#broker.ask(question).then((answer) => {
        if (!heard.delete(id)) events.emit(ANSWER_CHANNEL, { id, answer });
      });
    });
    const answered = events.on(ANSWER_CHANNEL, (given) => {
      const { id, answer } = fieldsOf(given);
      const open = isId(id) ? this.#broker.open.get(id) : undefined;
      if (open === undefined) return;
      heard.add(open.question.id);
      open.settle(answer);
    });
    return [asked, answered];
  }

  #look(): void {
    const { open } = this.#broker;
    for (const [id, { question }] of open) {
      if (!this.#waiting.has(id)) this.#waiting.set(id, this.#parts.opened(question.title));
    }
    for (const [id, closed] of this.#waiting) {
      if (open.has(id)) continue;
      this.#waiting.delete(id);
      closed();
      this.#parts.onClosed(id);
    }
  }
}
