import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { createParser } from "eventsource-parser";
import type * as z from "zod";
import { PisyncError, systemErrorCode } from "./failure.ts";
import { parseJson } from "./json-file.ts";
import { request as httpRequest } from "./node-http.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const EXPECTATION_FAILED = 417;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** A state snapshot of 10,000 conversations takes about 7 MB. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

export type Method = "GET" | "POST" | "DELETE";

/** What a refused or missing socket means to the caller. */
export type UnreachableCode = "daemon-unreachable" | "host-unreachable";

export interface RequestOptions<S extends z.ZodType> extends TextRequestOptions {
  /** The shape of a successful answer; an empty answer is `undefined` to it. */
  schema: S;
}

export interface TextRequestOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** From the start to the last byte of the answer; 10 s unless told. */
  timeoutMs?: number;
  signal?: AbortSignal;
  unreachable?: UnreachableCode;
  /** What the other side has to be to act on the request (RFC 9110, section 10.1.1); if not it is unreachable. */
  expect?: string;
}

/**
 * One request to an HTTP API on a unix socket.
 * @throws PisyncError: what the other side refused with; `unreachable`'s code (default `daemon-unreachable`)
 * when nobody listens or the connection broke; `timed-out`; `malformed` when the answer is not of its shape.
 */
export async function requestJson<S extends z.ZodType>(
  socketPath: string,
  method: Method,
  path: string,
  options: RequestOptions<S>,
): Promise<z.output<S>> {
  const text = await requestText(socketPath, method, path, options);
  if (text === "") return options.schema.parse(undefined);
  return parseJson(text, options.schema, `The answer to ${method} ${path}`);
}

/**
 * As `requestJson`, for who parses the answer: a command loads the schema while it waits.
 * @throws as `requestJson`, except `malformed`.
 */
export async function requestText(
  socketPath: string,
  method: Method,
  path: string,
  options: TextRequestOptions,
): Promise<string> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  try {
    const headers: Record<string, string> = options.expect === undefined ? {} : { expect: options.expect };
    const response = await open(socketPath, { method, path, headers, body, signal });
    const text = await readAll(response);
    if (response.statusCode === EXPECTATION_FAILED) throw otherVersion();
    if ((response.statusCode ?? 0) >= 400) throw await refusal(text, response.statusCode);
    return text;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (deadline.aborted) {
      throw new PisyncError("timed-out", `There was no answer to ${method} ${path} within ${timeoutMs} ms.`, {
        facts: { socket: socketPath, timeoutMs },
        cause: error,
      });
    }
    throw asUnreachable(error, socketPath, options.unreachable);
  }
}

export interface ServerEvent {
  event: string | undefined;
  id: string | undefined;
  data: string;
}

export interface EventStream {
  /** Settles when the stream has ended, for whatever reason. Rejects only with what `onEvent` threw. */
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Opens a stream of server-sent events; `onEvent` is called in order, from the first one on. An event of more
 * than 32 MiB ends the stream, and so does what `onEvent` throws. `lastEventId` asks to go on behind that event.
 * @throws as `requestJson`, when the stream cannot be opened.
 */
export async function openEventStream(
  socketPath: string,
  path: string,
  options: {
    onEvent: (event: ServerEvent) => void;
    lastEventId?: string | undefined;
    signal?: AbortSignal;
    unreachable?: UnreachableCode;
  },
): Promise<EventStream> {
  const closing = new AbortController();
  const closed = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal]);
  const openingDeadline = setTimeout(() => closing.abort(), DEFAULT_TIMEOUT_MS);
  const headers: Record<string, string> = {};
  if (options.lastEventId !== undefined) headers["last-event-id"] = options.lastEventId;
  let response: IncomingMessage;
  try {
    response = await open(socketPath, { method: "GET", path, headers, signal: closed });
    if (response.statusCode !== 200) throw await refusal(await readAll(response), response.statusCode);
  } catch (error) {
    throw asUnreachable(error, socketPath, options.unreachable);
  } finally {
    clearTimeout(openingDeadline);
  }
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  // It may be awaited later than it rejects.
  ended.catch(() => undefined);
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ event, id, data }) => {
      if (response.destroyed) return;
      try {
        options.onEvent({ event, id, data });
      } catch (error) {
        reject(error);
        response.destroy();
      }
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") response.destroy();
    },
  });
  response.setEncoding("utf8");
  response.on("data", (text: string) => parser.feed(text));
  response.on("error", () => resolve());
  response.on("close", () => resolve());
  return { ended, close: () => closing.abort() };
}

/**
 * Answers a request with the stream of events that another socket has: its bytes as they are, no faster than they are
 * taken, until either side ends it.
 * @throws as `openEventStream`, while nothing has been answered.
 */
export async function passEventStream(
  socketPath: string,
  path: string,
  response: ServerResponse,
  options: { lastEventId?: string | undefined; unreachable: UnreachableCode },
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const openingDeadline = setTimeout(() => gone.abort(), DEFAULT_TIMEOUT_MS);
  const headers: Record<string, string> = options.lastEventId ? { "last-event-id": options.lastEventId } : {};
  let source: IncomingMessage;
  try {
    source = await open(socketPath, { method: "GET", path, headers, signal: gone.signal });
    if (source.statusCode !== 200) throw await refusal(await readAll(source), source.statusCode);
  } catch (error) {
    throw asUnreachable(error, socketPath, options.unreachable);
  } finally {
    clearTimeout(openingDeadline);
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  source.on("error", () => response.destroy());
  source.pipe(response);
}

interface OpenOptions {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | undefined;
  signal: AbortSignal;
}

/** Resolves with the head of the answer. Every request has a connection of its own. */
function open(
  socketPath: string,
  { method, path, body, signal, headers: own = {} }: OpenOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: "pisync",
      ...own,
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    // An agent would compile net's pattern of IPv6 addresses to look at the host header: 4 to 5 ms.
    const createConnection = () => connect(socketPath);
    const outgoing = httpRequest({ createConnection, method, path, headers, signal }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new PisyncError("malformed", `The answer is larger than ${MAX_ANSWER_BYTES} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function refusal(text: string, status: number | undefined): Promise<PisyncError> {
  try {
    const { ErrorBody } = await import("../protocol/errors.ts");
    return PisyncError.fromBody(ErrorBody.parse(JSON.parse(text)));
  } catch (cause) {
    return new PisyncError("internal", `The answer was HTTP status ${status} without a reason.`, { cause });
  }
}

function otherVersion(): PisyncError {
  return new PisyncError("daemon-unreachable", "The running pisync daemon is of another version.", {
    next: "Replace it with: pisync daemon restart",
  });
}

const CONNECTION_ERRORS = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTSOCK", "EACCES", "EAGAIN"]);

function asUnreachable(error: unknown, socketPath: string, code: UnreachableCode = "daemon-unreachable"): unknown {
  if (error instanceof PisyncError || !CONNECTION_ERRORS.has(systemErrorCode(error) ?? "")) return error;
  return code === "daemon-unreachable"
    ? new PisyncError(code, "The pisync daemon cannot be reached.", {
        next: "Start it with: pisync daemon start",
        facts: { socket: socketPath },
        cause: error,
      })
    : new PisyncError(code, "The host of this session cannot be reached.", {
        next: "See what is left of it with: pisync list --all",
        facts: { socket: socketPath },
        cause: error,
      });
}
