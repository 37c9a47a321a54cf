import type { Question } from "../../../../protocol/questions.ts";
import { fit } from "./questions-answers.ts";
import { fieldsOf, isId, partOf, textOf } from "./questions-describe.ts";

/** The service of the pi-questions extension, as far as it is used; nothing of its answers is taken for granted. */
interface Service {
  listPending?(): unknown;
  reply?(id: string, answers: unknown, source: string): unknown;
  reject?(id: string, source: string): unknown;
  subscribe?(listener: () => void): unknown;
}

const NAMES = ["kendex.pi-questions.service", "vstack.pi-questions.service"];
const SOURCE = "pisync";
const LOOK_EVERY_MS = 1_000;

/** What pi-questions has open, when it is loaded. */
export class ServiceQuestions {
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  #subscribed: Service | undefined;
  #unsubscribe: unknown;
  #shown = "";

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    // It may be loaded after this, and an older one tells nobody of a change.
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  list(): Question[] {
    const pending = quietly(() => service()?.listPending?.());
    return (Array.isArray(pending) ? pending : []).flatMap((each) => questionOf(each) ?? []);
  }

  settle(id: string, answer: unknown): { outcome: "done" | "unknown" | "bad"; message?: string } {
    if (!this.list().some((question) => question.id === id)) return { outcome: "unknown" };
    const fitting = answer === undefined ? { value: undefined } : fit("questions", answer);
    if ("wanted" in fitting) return { outcome: "bad", message: fitting.wanted };
    const done = quietly(() => {
      const found = service();
      const result = answer === undefined ? found?.reject?.(id, SOURCE) : found?.reply?.(id, answer, SOURCE);
      void Promise.resolve(result).catch(() => undefined);
      return result ?? true;
    });
    return done === undefined || done === false ? { outcome: "unknown" } : { outcome: "done" };
  }

  close(): void {
    clearInterval(this.#timer);
    const unsubscribe = this.#unsubscribe;
    if (typeof unsubscribe === "function") quietly(() => (unsubscribe as () => unknown)());
  }

  #look(): void {
    const found = service();
    if (found !== this.#subscribed) {
      this.#subscribed = found;
      this.#unsubscribe = quietly(() => found?.subscribe?.(() => this.#look()));
    }
    const ids = this.list()
      .map(({ id }) => id)
      .join();
    if (ids === this.#shown) return;
    this.#shown = ids;
    this.#onChange();
  }
}

function service(): Service | undefined {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  return NAMES.map((name) => slots[Symbol.for(name)]).find((each) => typeof each === "object" && each !== null);
}

/** What is asked stands in `request`, or in older ones beside the id. */
function questionOf(pending: unknown): Question | undefined {
  const view = fieldsOf(pending);
  const { questions, header, ...single } = { ...view, ...fieldsOf(view.request) };
  const id = view.requestId ?? view.id;
  if (!isId(id)) return undefined;
  const asked = (Array.isArray(questions) ? questions : [{ ...single, header }]).slice(0, 20).map(partOf);
  return {
    id,
    kind: "questions",
    ...(asked[0] ? { title: textOf(header) || asked[0].question } : {}),
    questions: asked,
    openedAt: instantOf(view.openedAt ?? view.createdAt),
  };
}

/** Milliseconds since the epoch, or a text of ISO 8601; what is neither is now. */
function instantOf(value: unknown): number {
  const instant = typeof value === "string" ? Date.parse(value) : value;
  return typeof instant === "number" && instant >= 0 ? Math.floor(instant) : Date.now();
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
