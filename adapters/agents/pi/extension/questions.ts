import type { EventBus, ExtensionUIContext } from "@earendil-works/pi-coding-agent";
import type { AgentToHost, HostToAgent } from "../../../../protocol/agent-channel.ts";
import type { Question } from "../../../../protocol/questions.ts";
import { findEditorDialog } from "./editor.ts";
import { fit, type Answer } from "./questions-answers.ts";
import { BrokerQuestions } from "./questions-broker.ts";
import { describeDialog } from "./questions-describe.ts";
import { ServiceQuestions } from "./questions-service.ts";

type Settled = Omit<Extract<AgentToHost, { type: "question-settled" }>, "type" | "request">;
type Method = (...given: unknown[]) => Promise<unknown>;
type DialogKind = "select" | "confirm" | "input" | "editor" | "custom";

/** A dialog that waits for its user. `settle` answers in the user's place, and is heeded once. */
interface OpenDialog {
  question: Question;
  options: readonly string[] | undefined;
  settle(answer: unknown): void;
}

const KINDS = ["select", "confirm", "input", "editor", "custom"] as const;
const BOARD = Symbol.for("pisync.questions");
const MAX_ANSWERED = 100;
const MAX_SHOWN = 16;

export interface QuestionBoardParts {
  events: EventBus;
  report(open: Question[]): void;
  /** Counts a question without a dialog as waiting for its user until the returned function is called. */
  opened(title: string | undefined): () => void;
}

/**
 * What the extensions of one pi session ask their user, so that a program can answer instead: the dialogs of
 * `ctx.ui`, what they ask through the broker, and what the pi-questions extension has open. A dialog that nobody answers from outside is as pi made it.
 */
export class QuestionBoard {
  readonly #ui: ExtensionUIContext;
  readonly #parts: QuestionBoardParts;
  readonly #dialogs = new Map<string, OpenDialog>();
  readonly #answered = new Set<string>();
  readonly #service: ServiceQuestions;
  readonly #broker: BrokerQuestions;

  constructor(ui: ExtensionUIContext, parts: QuestionBoardParts) {
    this.#ui = ui;
    this.#parts = parts;
    const onChange = () => this.report();
    this.#service = new ServiceQuestions(onChange);
    this.#broker = new BrokerQuestions({ ...parts, onChange, onClosed: (id) => this.#remember(id) });
    wrapDialogs(ui, this);
  }

  /** Tells what is open. */
  report(): void {
    const dialogs = [...this.#dialogs.values()].map(({ question }) => question);
    this.#parts.report([...dialogs, ...this.#broker.list(), ...this.#service.list()].slice(-MAX_SHOWN));
  }

  /** The first answer counts; without `answer` the question is rejected, as with Esc. */
  settle({ id, answer }: Extract<HostToAgent, { type: "settle-question" }>): Settled {
    const dialog = this.#dialogs.get(id);
    const brokered = dialog === undefined ? this.#broker.settle(id, answer) : undefined;
    if (brokered !== undefined) {
      return "wanted" in brokered ? { outcome: "bad", message: brokered.wanted } : { outcome: "done" };
    }
    if (dialog === undefined) {
      const settled = this.#service.settle(id, answer);
      if (settled.outcome === "done") this.#close(id);
      return settled.outcome === "unknown" && this.#answered.has(id) ? { outcome: "answered" } : settled;
    }
    const fitting: Answer =
      answer === undefined
        ? { value: dialog.question.kind === "confirm" ? false : undefined }
        : fit(dialog.question.kind, answer, dialog.options);
    if ("wanted" in fitting) return { outcome: "bad", message: fitting.wanted };
    dialog.settle(fitting.value);
    return { outcome: "done" };
  }

  close(): void {
    this.#service.close();
    this.#broker.close();
    this.#dialogs.clear();
  }

  /** Runs a dialog, and races an answer from outside against it. */
  async ask(kind: DialogKind, given: unknown[], original: Method): Promise<unknown> {
    if (this.#broker.showing) return original.apply(this.#ui, given);
    const outside = Promise.withResolvers<unknown>();
    const dialog = openable(kind, given, this.#ui);
    const question = describeDialog(kind, given);
    const options = kind === "select" && Array.isArray(given[1]) ? given[1].map(String) : undefined;
    this.#dialogs.set(question.id, {
      question,
      options,
      settle: (answer) => {
        outside.resolve(answer);
        this.#close(question.id);
        dialog.dismiss();
      },
    });
    this.report();
    try {
      return await Promise.race([outside.promise, original.apply(this.#ui, dialog.given)]);
    } finally {
      this.#close(question.id);
    }
  }

  #close(id: string): void {
    this.#remember(id);
    if (this.#dialogs.delete(id)) this.report();
  }

  #remember(id: string): void {
    this.#answered.add(id);
    if (this.#answered.size > MAX_ANSWERED) this.#answered.delete(this.#answered.values().next().value ?? "");
  }
}

/** After /reload pi hands out the same object again; the newest board counts. */
function wrapDialogs(ui: ExtensionUIContext, board: QuestionBoard): void {
  const boarded = ui as ExtensionUIContext & { [BOARD]?: QuestionBoard };
  const isWrapped = boarded[BOARD] !== undefined;
  boarded[BOARD] = board;
  if (isWrapped) return;
  const methods = ui as unknown as Record<string, Method>;
  for (const kind of KINDS) {
    const original = methods[kind];
    if (typeof original !== "function") continue;
    methods[kind] = (...given) => boarded[BOARD]?.ask(kind, given, original) ?? original.apply(ui, given);
  }
}

/** What to call the original with so that the dialog can be taken away, and how to do that. */
function openable(kind: DialogKind, given: unknown[], ui: ExtensionUIContext): { given: unknown[]; dismiss(): void } {
  if (kind === "editor") return { given, dismiss: () => findEditorDialog(ui)?.onCancelCallback() };
  if (kind === "custom") {
    const [factory, ...rest] = given as [(...args: unknown[]) => unknown, ...unknown[]];
    let done: ((value: unknown) => void) | undefined;
    let dismissed = false;
    const capturing = (...args: unknown[]) => {
      done = args[3] as typeof done;
      if (dismissed) done?.(undefined);
      return factory(...args);
    };
    const dismiss = () => {
      dismissed = true;
      done?.(undefined);
    };
    return { given: [capturing, ...rest], dismiss };
  }
  const closing = new AbortController();
  const options = (given[2] ?? {}) as { signal?: AbortSignal };
  const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  return { given: [given[0], given[1], { ...options, signal }], dismiss: () => closing.abort() };
}
