import type * as z from "zod";
import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import { CommandList, MessagePage, type MessagesQuery } from "../protocol/events.ts";
import { PisyncError } from "../runtime/failure.ts";
import { parseValue } from "../runtime/json-file.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { TellAgent } from "./tell-agent.ts";

type Answer = Extract<AgentToHost, { type: "answer" }>;
type Ask = Extract<HostToAgent, { type: "ask" }>;

const ANSWER_DEADLINE_MS = 5_000;

/** What only pi knows of itself: the messages on its present branch, and its commands. Asked for when somebody asks. */
export class Messages {
  readonly #tell: TellAgent;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(tell: TellAgent) {
    this.#tell = tell;
  }

  receive(answer: Answer): void {
    this.#waiting.get(answer.request)?.(answer);
  }

  /** @throws PisyncError `no-extension`, `timed-out`. */
  page({ offset, limit }: MessagesQuery): Promise<MessagePage> {
    return this.#ask({ what: "messages", limit, ...(offset === undefined ? {} : { offset }) }, MessagePage);
  }

  /** @throws PisyncError `no-extension`, `timed-out`. */
  commands(): Promise<CommandList> {
    return this.#ask({ what: "commands" }, CommandList);
  }

  async #ask<S extends z.ZodType>(question: Omit<Ask, "type" | "request">, schema: S): Promise<z.output<S>> {
    const request = ++this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => reject(noAnswer()), ANSWER_DEADLINE_MS);
    this.#waiting.set(request, resolve);
    try {
      this.#tell({ type: "ask", request, ...question });
      const { data, error } = await promise;
      if (error !== undefined) throw new PisyncError("internal", `pi failed at it: ${plainText(error)}`);
      return parseValue(data, schema, "pi's answer");
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }
}

function noAnswer(): PisyncError {
  return new PisyncError("timed-out", `pi did not answer within ${ANSWER_DEADLINE_MS} ms.`, {
    next: "Look at the session with: pisync attach",
  });
}
