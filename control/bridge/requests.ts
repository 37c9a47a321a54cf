import type * as z from "zod";
import {
  BRIDGE_PROTOCOL,
  BridgeEmitRequest,
  BridgeHistoryRequest,
  BridgePromptRequest,
  BridgeRequest,
  BridgeSettleRequest,
  type BridgeResponse,
  type BridgeState,
} from "../../protocol/pi-bridge.ts";
import { EmitRequest } from "../../protocol/events.ts";
import { PromptRequest, type DeliverAs } from "../../protocol/prompts.ts";
import { AnswerRequest } from "../../protocol/questions.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { INTERPRETED, parseValue } from "../../runtime/json-file.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { AgentControl } from "../agent-control.ts";
import type { BridgeHistory } from "./history.ts";
import { answerOf, toBridgeQuestion } from "./questions.ts";

export interface BridgeRequestsParts {
  control: AgentControl;
  history: BridgeHistory;
  state: (reason: string) => BridgeState;
}

/** What a request may change of the connection that it came on. */
export interface Subscription {
  subscribed: boolean;
}

type Handler = (request: BridgeRequest, subscription: Subscription) => unknown;

/** What a message begins with that asks only whether the bridge is there; no model hears of it. */
const PING = /^\/bridge:ping(?=\s|$)/;

/** Answers the requests of pi-session-bridge with what the session's control can do. */
export class BridgeRequests {
  readonly #parts: BridgeRequestsParts;
  /** By each name of a request: the name that the answer has, and what answers it. */
  readonly #handlers: ReadonlyMap<string, readonly [command: string, Handler]>;

  constructor(parts: BridgeRequestsParts) {
    this.#parts = parts;
    this.#handlers = new Map(this.#commands().flatMap(([names, handler]) => entriesFor(names, handler)));
  }

  /** Never rejects: what is wrong with the line stands in the answer. */
  async answer(line: string, subscription: Subscription): Promise<BridgeResponse> {
    const parsed = BridgeRequest.safeParse(parseJson(line), INTERPRETED);
    if (!parsed.success) return refusal(requestIdOf(line), "parse", "A request is one line of JSON with a type.");
    const { id, type } = parsed.data;
    const [command, handler] = this.#handlers.get(type) ?? [type, undefined];
    if (handler === undefined) return refusal(id, type, `Unknown command type: ${type}`);
    try {
      const data = await handler(parsed.data, subscription);
      return { type: "response", id, command, success: true, data };
    } catch (error) {
      return refusal(id, command, error instanceof PisyncError ? sentenceOf(error) : errorText(error));
    }
  }

  #commands(): [names: string[], Handler][] {
    const { control, history, state } = this.#parts;
    return [
      [["ping"], () => ({ protocol: BRIDGE_PROTOCOL, state: state("ping") })],
      [["get_state", "state"], () => state("get_state")],
      [["history"], (request) => history.answer(parsed(request, BridgeHistoryRequest))],
      [["get_commands", "commands"], async () => ({ commands: (await control.events.messages.commands()).commands })],
      [
        ["questions", "question_list"],
        () => ({ available: true, questions: control.requests.questions.questions.map(toBridgeQuestion) }),
      ],
      [["answer", "question_reply"], (request) => this.#settle(request, "answered")],
      [["reject", "question_reject"], (request) => this.#settle(request, "rejected")],
      [["emit"], (request) => this.#emit(parsed(request, BridgeEmitRequest).message)],
      [
        ["subscribe"],
        ({ enabled }, subscription) => {
          subscription.subscribed = enabled !== false;
          return { enabled: subscription.subscribed };
        },
      ],
      [["prompt", "send"], (request) => this.#prompt(request, "auto")],
      [["steer"], (request) => this.#prompt(request, "steer")],
      [["follow_up", "followUp"], (request) => this.#prompt(request, "followUp")],
      [["abort"], () => this.#abort()],
      [["shutdown"], (request) => this.#shutdown(request)],
    ];
  }

  async #prompt(request: BridgeRequest, usual: DeliverAs): Promise<object> {
    const { control } = this.#parts;
    const { message, content = message, ...wanted } = parsed(request, BridgePromptRequest);
    if (content === undefined) throw new PisyncError("usage", "Expected string message or content array");
    const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
    if (PING.test(text)) return this.#pong(text.replace(PING, "").trim() || "pong");
    const deliverAs = wanted.deliverAs ?? wanted.streamingBehavior ?? usual;
    const images = parts.filter((part) => part.type === "image");
    const isIdle = !control.prompts.running;
    const record = await control.prompts.accept(parseValue({ text, images, deliverAs }, PromptRequest, "The prompt"));
    const deliveredAs = deliverAs === "auto" ? (isIdle ? "now" : "steer") : deliverAs;
    const { id, disposition, state } = record;
    return { deliveredAs, idleBeforeSend: isIdle, promptId: id, disposition, state };
  }

  #pong(text: string): object {
    this.#parts.control.events.append("bridge_pong", { text });
    return { deliveredAs: "bridge", idleBeforeSend: !this.#parts.control.prompts.running };
  }

  async #settle(request: BridgeRequest, how: "answered" | "rejected"): Promise<object> {
    const { control } = this.#parts;
    const { requestId: given, request_id: requestId = given, answers } = parsed(request, BridgeSettleRequest);
    if (requestId === undefined) throw new PisyncError("usage", "Expected requestId/request_id");
    const question = control.requests.questions.questions.find(({ id }) => id === requestId);
    const answer = question ? answerOf(question, answers) : (answers ?? null);
    await control.settle(
      requestId,
      how === "rejected" ? undefined : parseValue({ answer }, AnswerRequest, "The answer"),
    );
    return { [how]: true, requestId };
  }

  #emit(message: string): object {
    this.#parts.control.events.append("emit", parseValue({ text: message }, EmitRequest, "The message"));
    return { message };
  }

  async #abort(): Promise<BridgeState> {
    await this.#parts.control.abort();
    return this.#parts.state("abort");
  }

  #shutdown({ confirm }: BridgeRequest): object {
    if (confirm !== true) throw new PisyncError("usage", "Set confirm:true to shutdown this Pi session");
    this.#parts.control.shutdown("A program has ended this session over the session bridge.");
    return { requested: true };
  }
}

function entriesFor(names: readonly string[], handler: Handler): [string, readonly [string, Handler]][] {
  return names.map((name) => [name, [names[0] ?? name, handler]]);
}

function parsed<S extends z.ZodType>(request: BridgeRequest, schema: S): z.output<S> {
  return parseValue(request, schema, "The request");
}

/** Of clients that wait for an answer to a request that is none. */
function requestIdOf(line: string): unknown {
  const value = parseJson(line);
  return typeof value === "object" && value !== null ? (value as { id?: unknown }).id : undefined;
}

function refusal(id: unknown, command: string, error: string): BridgeResponse {
  return { type: "response", id, command, success: false, error };
}

function sentenceOf({ message, next }: PisyncError): string {
  return next === undefined ? message : `${message} ${next}`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
