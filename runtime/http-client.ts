import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type * as z from "zod";
import { PisyncError, systemErrorCode } from "./failure.ts";
import { INTERPRETED, parseJson } from "./json-file.ts";
import { request as httpRequest } from "./node-http.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const EXPECTATION_FAILED = 417;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

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
  if (text === "") return options.schema.parse(undefined, INTERPRETED);
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
    if (deadline.aborted) throw noAnswer(method, path, { socket: socketPath, timeoutMs }, error);
    throw asUnreachable(error, socketPath, options.unreachable);
  }
}

export interface StreamOptions {
  /** Asks to go on behind that event. */
  lastEventId?: string | undefined;
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  unreachable?: UnreachableCode;
}

/** The head of the answer to a request for a stream. @throws as `requestJson`; the reason of `signal`. */
export async function openStream(
  socketPath: string,
  path: string,
  { lastEventId, signal, unreachable }: StreamOptions & { signal: AbortSignal },
): Promise<IncomingMessage> {
  const late = new AbortController();
  const deadline = setTimeout(() => late.abort(), DEFAULT_TIMEOUT_MS);
  const headers: Record<string, string> = lastEventId ? { "last-event-id": lastEventId } : {};
  try {
    const either = AbortSignal.any([signal, late.signal]);
    const response = await open(socketPath, { method: "GET", path, headers, signal: either });
    if (response.statusCode !== 200) throw await refusal(await readAll(response), response.statusCode);
    return response;
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) throw noAnswer("GET", path, { socket: socketPath, timeoutMs: DEFAULT_TIMEOUT_MS }, error);
    throw asUnreachable(error, socketPath, unreachable);
  } finally {
    clearTimeout(deadline);
  }
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
    return PisyncError.fromBody(ErrorBody.parse(JSON.parse(text), INTERPRETED));
  } catch (cause) {
    return new PisyncError("internal", `The answer was HTTP status ${status} without a reason.`, { cause });
  }
}

function noAnswer(
  method: string,
  path: string,
  facts: { socket: string; timeoutMs: number },
  cause: unknown,
): PisyncError {
  const message = `There was no answer to ${method} ${path} within ${facts.timeoutMs} ms.`;
  return new PisyncError("timed-out", message, { facts, cause });
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
