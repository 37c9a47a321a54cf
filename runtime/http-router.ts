import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import { PisyncError } from "./failure.ts";
import { asRefusal, bodyTooLarge, httpStatus, MAX_BODY_BYTES, noSuchRoute } from "./http-refusal.ts";
import { parseJson } from "./json-file.ts";

export interface ApiRequest {
  /** The path's `:name` segments. */
  readonly params: Readonly<Record<string, string>>;
  /** The last value of each query field. */
  readonly query: Readonly<Record<string, string>>;
  /** By their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** For answers that are streams, and to learn when an answer has left. */
  readonly response: ServerResponse;
  /**
   * The JSON body through its schema; an absent body counts as `{}`.
   * @throws PisyncError `malformed`, `too-large` (over `maxBytes`, 2 MiB unless told).
   */
  readonly body: <S extends z.ZodType>(schema: S, maxBytes?: number) => Promise<z.output<S>>;
}

/**
 * What is returned is answered as JSON with status 200, a Buffer as the JSON that it holds, `undefined` as an empty 202; a handler that started the
 * response itself is left to it. What is thrown is answered as an ErrorBody.
 */
export type Handler = (request: ApiRequest) => unknown;

/**
 * For handlers whose answer stays open: beyond so many at a time, over all handlers wrapped by the same limit, `busy` is
 * answered. So they leave room on the socket for requests.
 */
export function limitStreams(max: number): (handler: Handler) => Handler {
  const open = new Set<ServerResponse>();
  return (handler) => (request) => {
    if (open.size >= max) {
      throw new PisyncError("busy", `${max} streams are open, which is all there can be.`, {
        next: "Close one of them.",
      });
    }
    const { response } = request;
    open.add(response);
    response.once("close", () => open.delete(response));
    return handler(request);
  };
}

/** The routes of one HTTP API. */
export interface Router {
  /** `path` as in `/v1/sessions/:id/kill`. */
  get(path: string, handler: Handler): Router;
  post(path: string, handler: Handler): Router;
  delete(path: string, handler: Handler): Router;
  /**
   * What this router has for that method and path, asked with the query, headers and body of another router's request,
   * and answered by that one.
   * @throws PisyncError `not-found`, and as the handler.
   */
  pass(method: string, path: string, request: ApiRequest): unknown;
  /** Answers one request, whatever it is; never rejects. `onError` learns of failures that are ours. */
  answer(incoming: IncomingMessage, response: ServerResponse, onError?: (error: unknown) => void): Promise<void>;
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

/** A router straight on Node's http: docs/adr/0013 says why there is no framework. */
export function createRouter(): Router {
  const routes: Route[] = [];
  const add = (method: string, path: string, handler: Handler): Router => {
    routes.push({ method, segments: path.split("/"), handler });
    return router;
  };
  const router: Router = {
    get: (path, handler) => add("GET", path, handler),
    post: (path, handler) => add("POST", path, handler),
    delete: (path, handler) => add("DELETE", path, handler),
    pass(method, path, request) {
      const { handler, params } = routeOf(routes, method, path);
      return handler({ ...request, params });
    },
    async answer(incoming, response, onError) {
      try {
        const result = await dispatch(routes, incoming, response);
        if (!response.headersSent) writeAnswer(response, result === undefined ? 202 : 200, result);
      } catch (error) {
        if (!(error instanceof PisyncError)) onError?.(error);
        writeRefusal(incoming, response, error);
      }
    },
  };
  return router;
}

function dispatch(routes: readonly Route[], incoming: IncomingMessage, response: ServerResponse): unknown {
  const [path = "", search] = (incoming.url ?? "").split("?", 2);
  const { handler, params } = routeOf(routes, incoming.method ?? "", path);
  return handler({
    params,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: incoming.headers,
    response,
    body: (schema, maxBytes) => readBody(incoming, schema, maxBytes),
  });
}

function routeOf(routes: readonly Route[], method: string, path: string): Pick<ApiRequest, "params"> & Route {
  const segments = path.split("/");
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.segments, segments) : undefined;
    if (params !== undefined) return { ...route, params };
  }
  throw noSuchRoute(method, path);
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (expected.startsWith(":")) params[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return params;
}

async function readBody<S extends z.ZodType>(
  incoming: IncomingMessage,
  schema: S,
  maxBytes = MAX_BODY_BYTES,
): Promise<z.output<S>> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
    });
    incoming.once("end", resolve);
    incoming.once("error", reject);
    incoming.once("close", () => reject(new PisyncError("malformed", "The request ended in the middle of its body.")));
  });
  // Refused only now: a client that is cut off while it writes does not see the refusal.
  if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
  const text = Buffer.concat(chunks).toString("utf8");
  return parseJson(text === "" ? "{}" : text, schema, "The request");
}

function writeRefusal(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
  const failure = asRefusal(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a body nobody reads must not be taken for the next request.
  if (!incoming.complete) response.setHeader("connection", "close");
  writeAnswer(response, httpStatus(failure.code), failure.toBody());
}

function writeAnswer(response: ServerResponse, status: number, value: unknown): void {
  response.statusCode = status;
  if (value !== undefined) response.setHeader("content-type", "application/json");
  response.end(value === undefined || Buffer.isBuffer(value) ? value : JSON.stringify(value));
}
