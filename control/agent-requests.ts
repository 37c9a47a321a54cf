import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { AnswerRequest, QuestionId, QuestionList } from "../protocol/questions.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { TellAgent } from "./tell-agent.ts";

type Settled = Extract<AgentToHost, { type: "question-settled" }>;
type Report = Settled | Extract<AgentToHost, { type: "aborted" }>;

const ANSWER_DEADLINE_MS = 5_000;

/** What the host asks of the extension and is answered; the questions that extensions ask their user among it. */
export class AgentRequests {
  readonly #session: SessionId;
  readonly #tell: TellAgent;
  readonly #waiting = new Map<number, (report: Report) => void>();
  #questions: QuestionList["questions"] = [];
  #asked = 0;

  constructor(session: SessionId, tell: TellAgent) {
    this.#session = session;
    this.#tell = tell;
  }

  get questions(): QuestionList {
    return { questions: this.#questions };
  }

  receive(message: AgentToHost): void {
    if (message.type === "identity") this.#questions = [];
    if (message.type === "questions") this.#questions = message.open;
    if (message.type === "question-settled" || message.type === "aborted") {
      this.#waiting.get(message.request)?.(message);
    }
  }

  disconnected(): void {
    this.#questions = [];
  }

  /** Interrupts the run. @throws PisyncError `no-extension`, `timed-out`. */
  async abort(): Promise<{ running: boolean }> {
    const report = await this.#ask((request) => ({ type: "abort", request }));
    return { running: report.type === "aborted" && report.running };
  }

  /**
   * Answers a question, or rejects it without an answer.
   * @throws PisyncError `no-such-question`, `question-answered`, `bad-answer`, `no-extension`, `timed-out`.
   */
  async settle(id: QuestionId, answer?: AnswerRequest): Promise<void> {
    const report = await this.#ask((request) => ({ type: "settle-question", request, id, ...answer }));
    if (report.type === "question-settled") refuseUnlessDone(this.#session, id, report);
  }

  async #ask(question: (request: number) => HostToAgent): Promise<Report> {
    const request = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    const timer = setTimeout(() => reject(noAnswer(this.#session)), ANSWER_DEADLINE_MS);
    this.#waiting.set(request, resolve);
    try {
      this.#tell(question(request));
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }
}

function noAnswer(session: SessionId): PisyncError {
  return new PisyncError("timed-out", `pi did not answer within ${ANSWER_DEADLINE_MS} ms.`, {
    next: `Look at the session with: pisync attach ${session}`,
  });
}

function refuseUnlessDone(session: SessionId, id: QuestionId, { outcome, message }: Settled): void {
  const details = { next: `See what is open with: pisync questions ${session}`, facts: { id } };
  if (outcome === "answered") throw new PisyncError("question-answered", `The question ${id} is answered.`, details);
  if (outcome === "unknown") throw new PisyncError("no-such-question", `There is no question ${id}.`, details);
  if (outcome === "bad") throw new PisyncError("bad-answer", message ?? "The answer does not fit.", { facts: { id } });
}
