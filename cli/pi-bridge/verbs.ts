import { readFileSync } from "node:fs";
import { UsageError, type BridgeArguments } from "./arguments.ts";

type Request = { type: string } & Record<string, unknown>;

/** The request of each verb that one answer settles. */
const VERBS: Readonly<Record<string, (given: BridgeArguments, verb: string) => Request>> = {
  ping: () => ({ type: "ping" }),
  state: () => ({ type: "get_state" }),
  commands: () => ({ type: "get_commands" }),
  history,
  send: (given, verb) => prompt("prompt", given, verb),
  steer: (given, verb) => prompt("steer", given, verb),
  "follow-up": (given, verb) => prompt("follow_up", given, verb),
  followUp: (given, verb) => prompt("follow_up", given, verb),
  abort: () => ({ type: "abort" }),
  questions: () => ({ type: "questions" }),
  "question-list": () => ({ type: "questions" }),
  answer,
  reply: answer,
  reject: (given, verb) => ({ type: "reject", requestId: requestIdOf(given, verb) }),
  emit: ({ words }) => ({ type: "emit", message: words.join(" ").trim() || "test" }),
  request: raw,
  raw,
};

/** What the verb asks of the bridge. @throws UsageError. */
export function requestOf(verb: string, given: BridgeArguments): Request {
  const make = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (make === undefined) throw new UsageError(`Unknown command: ${verb}`);
  return make(given, verb);
}

function history({ words, raw: whole, event, since, maxBytes }: BridgeArguments): Request {
  const limit = Number.parseInt(words[0] ?? "", 10);
  const bytes = Number.parseInt(maxBytes ?? "", 10);
  return {
    type: "history",
    ...(Number.isNaN(limit) ? {} : { limit }),
    ...(whole ? { raw: true } : {}),
    ...(event === undefined ? {} : { event }),
    ...(since === undefined ? {} : { since }),
    ...(bytes > 0 ? { maxBytes: bytes } : {}),
  };
}

function prompt(type: string, { words, deliverAs }: BridgeArguments, verb: string): Request {
  const message = words.join(" ").trim();
  if (message === "") throw new UsageError(`Missing message for ${verb}`);
  return { type, message, ...(deliverAs === undefined ? {} : { deliverAs }) };
}

function answer(given: BridgeArguments, verb: string): Request {
  const requestId = requestIdOf(given, verb);
  const text = given.answers ?? given.words.join(" ").trim();
  if (text === "") throw new UsageError(`Missing --answers for ${verb}`);
  return { type: "answer", requestId, answers: jsonOf(text, "--answers JSON") };
}

function raw({ words }: BridgeArguments, verb: string): Request {
  const given = words.join(" ").trim();
  const text = given === "-" ? readFileSync(0, "utf8").trim() : given;
  if (text === "") throw new UsageError(`Missing JSON command for ${verb}`);
  const request = jsonOf(text, "JSON command");
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new UsageError("JSON command must be an object");
  }
  if (!("type" in request) || typeof request.type !== "string" || request.type === "") {
    throw new UsageError("JSON command must include a string type");
  }
  return { ...request, type: request.type };
}

function requestIdOf({ requestId }: BridgeArguments, verb: string): string {
  if (requestId === undefined) throw new UsageError(`Missing --request-id for ${verb}`);
  return requestId;
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Invalid ${what}: ${(error as Error).message}`, { cause: error });
  }
}
