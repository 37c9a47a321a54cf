import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { lastPrompt, scriptReply, type ChatMessage, type ScriptedReply } from "./scripted-reply.ts";

/** One request the scripted model received, in the order of arrival. */
export interface ScriptedRequest {
  /** Counts from 1. */
  number: number;
  /** The last user message, which decided the reply. */
  prompt: string;
  /** How many requests had this very prompt, with this one. */
  attempt: number;
  messages: ChatMessage[];
}

export interface ScriptedModel {
  /** Base URL for an `openai-completions` provider, e.g. `http://127.0.0.1:41234/v1`. */
  url: string;
  /** Every request so far, the oldest dropped beyond 1,000. */
  requests: readonly ScriptedRequest[];
  /** The next request that no call of this function has returned yet; rejects when the model closes. */
  nextRequest(): Promise<ScriptedRequest>;
  /** Drops every connection and frees the port. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_REQUESTS_KEPT = 1_000;
const CUT_AFTER_MS = 300;
const ARGUMENT_PIECE_LENGTH = 8;

/**
 * Starts an OpenAI-compatible chat-completions server on the loopback interface that answers as
 * `scriptReply` decides: a model without the internet, for the demo and the tests.
 */
export async function startScriptedModel({ port = 0 }: { port?: number } = {}): Promise<ScriptedModel> {
  const requests: ScriptedRequest[] = [];
  const unread: ScriptedRequest[] = [];
  const waiting: PromiseWithResolvers<ScriptedRequest>[] = [];
  const attempts = new Map<string, number>();
  let received = 0;

  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => {
        const { messages, model } = parseChat(body);
        const prompt = lastPrompt(messages);
        const attempt = (attempts.get(prompt) ?? 0) + 1;
        attempts.set(prompt, attempt);
        const entry: ScriptedRequest = { number: ++received, prompt, attempt, messages };
        keep(requests, entry);
        const waiter = waiting.shift();
        if (waiter) waiter.resolve(entry);
        else keep(unread, entry);
        send(response, scriptReply(messages, attempt), { number: entry.number, model });
      },
      () => request.destroy(),
    );
  });
  await listen(server, port);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    nextRequest() {
      const entry = unread.shift();
      if (entry) return Promise.resolve(entry);
      const waiter = Promise.withResolvers<ScriptedRequest>();
      waiting.push(waiter);
      return waiter.promise;
    },
    close() {
      for (const waiter of waiting.splice(0)) waiter.reject(new Error("The scripted model was closed."));
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function keep(list: ScriptedRequest[], entry: ScriptedRequest): void {
  list.push(entry);
  if (list.length > MAX_REQUESTS_KEPT) list.shift();
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("The request is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseChat(body: string): { messages: ChatMessage[]; model: string } {
  try {
    const { messages, model } = JSON.parse(body) as { messages?: unknown; model?: unknown };
    return {
      messages: Array.isArray(messages) ? (messages as ChatMessage[]) : [],
      model: typeof model === "string" ? model : "scripted",
    };
  } catch {
    return { messages: [], model: "scripted" };
  }
}

/** Writes the reply the way OpenAI streams it: `data:` lines of chat.completion.chunk, then `[DONE]`. */
function send(response: ServerResponse, reply: ScriptedReply, about: { number: number; model: string }): void {
  if (reply.kind === "refuse") {
    response.writeHead(reply.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { ...reply.error, code: reply.status } }));
    return;
  }
  const base = { id: `scripted-${about.number}`, object: "chat.completion.chunk", created: 1, model: about.model };
  const write = (rest: object) => response.write(`data: ${JSON.stringify({ ...base, ...rest })}\n\n`);
  const delta = (piece: object, finish: string | null = null) =>
    write({ choices: [{ index: 0, delta: piece, finish_reason: finish }] });
  const end = (finish: string) => {
    delta({}, finish);
    write({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } });
    response.end("data: [DONE]\n\n");
  };

  response.writeHead(200, { "content-type": "text/event-stream" });
  delta({ role: "assistant", content: reply.kind === "text" ? "" : reply.say });
  switch (reply.kind) {
    case "hang":
      return;
    case "cut":
      whileOpen(
        response,
        setTimeout(() => response.destroy(), CUT_AFTER_MS),
      );
      return;
    case "tool": {
      const call = { index: 0, id: `call_${about.number}`, type: "function" };
      delta({ tool_calls: [{ ...call, function: { name: reply.name, arguments: "" } }] });
      for (let at = 0; at < reply.arguments.length; at += ARGUMENT_PIECE_LENGTH) {
        const piece = reply.arguments.slice(at, at + ARGUMENT_PIECE_LENGTH);
        delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
      }
      end("tool_calls");
      return;
    }
    case "text": {
      let next = 0;
      const timer = setInterval(() => {
        if (next < reply.pieces.length) delta({ content: reply.pieces[next++] });
        else {
          clearInterval(timer);
          end("stop");
        }
      }, reply.intervalMs);
      whileOpen(response, timer);
    }
  }
}

function whileOpen(response: ServerResponse, timer: NodeJS.Timeout): void {
  response.once("close", () => clearTimeout(timer));
}
