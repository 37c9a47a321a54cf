import { once } from "node:events";
import { chmod, lstat, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { ErrorCode } from "../protocol/errors.ts";
import { PisyncError, systemErrorCode } from "./failure.ts";
import { parseJson } from "./json-file.ts";

export const MAX_BODY_BYTES = 2 * 1024 * 1024;
const MAX_CONNECTIONS = 256;
/** A half-sent request is answered 408 and closed after this. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;

export interface UnixServer {
  readonly server: Server;
  /** Ends every connection, also upgraded ones and event streams, and removes the socket. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Takes over connections that ask for a protocol; without it they are refused. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Told of failures that are ours (answered 500 `internal`). */
  onError?: (error: unknown) => void;
}

/**
 * Serves an HTTP API on a unix socket of mode 0600. Whatever a handler throws is answered as an ErrorBody.
 * Bodies are limited to 2 MiB, connections to 256, half-sent requests to 30 s. The socket file of a process
 * that no longer listens is replaced, a live one never.
 * @throws PisyncError `already-live` when somebody listens there, `state-not-writable`.
 */
export async function listenUnix(app: Hono, socketPath: string, options: ListenOptions = {}): Promise<UnixServer> {
  await removeStaleSocket(socketPath);
  const outer = new Hono();
  outer.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => refuse(context, bodyTooLarge()) }));
  outer.onError((error, context) => {
    if (!(error instanceof PisyncError)) options.onError?.(error);
    return refuse(context, error);
  });
  outer.notFound((context) => refuse(context, notFound(context.req.method, context.req.path)));
  outer.route("/", app);

  const listener = getRequestListener(outer.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => void listener(request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", answerClientError);
  server.on("upgrade", options.onUpgrade ?? refuseUpgrade);
  const connections = trackConnections(server);
  await listen(server, socketPath);
  return { server, close: () => close(server, connections) };
}

/**
 * The JSON body of a request through its schema; an absent body counts as `{}`.
 * @throws PisyncError `malformed`.
 */
export async function readBody<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const text = await context.req.text();
  return parseJson(text === "" ? "{}" : text, schema, "The request");
}

async function listen(server: Server, socketPath: string): Promise<void> {
  try {
    server.listen(socketPath);
    await once(server, "listening");
    await chmod(socketPath, 0o600);
  } catch (cause) {
    server.close();
    const reason = systemErrorCode(cause) ?? "unknown";
    if (reason === "EADDRINUSE") throw inUse(socketPath);
    throw new PisyncError("state-not-writable", `pisync cannot listen on ${socketPath} (${reason}).`, {
      next: "Make its directory writable, or name another one in PISYNC_STATE_DIR.",
      facts: { socket: socketPath, reason },
      cause,
    });
  }
}

async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of connections) socket.destroy();
  await closed;
}

function trackConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  return connections;
}

/**
 * Whoever listens on a name of ours holds a lease or is the only one to use that name, so nobody can take the
 * name between this look and the `listen` after it.
 */
async function removeStaleSocket(socketPath: string): Promise<void> {
  const stats = await lstat(socketPath).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new PisyncError("unsafe-directory", `${socketPath} is in the way: it is not a socket.`, {
      next: "Move it away.",
      facts: { socket: socketPath },
    });
  }
  if (await somebodyListens(socketPath)) throw inUse(socketPath);
  await rm(socketPath, { force: true });
}

/** A full backlog (EAGAIN) also means that a process is there. */
function somebodyListens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(systemErrorCode(error) ?? "")));
  });
}

function refuse(context: Context, error: unknown): Response {
  const failure =
    error instanceof PisyncError
      ? error
      : new PisyncError("internal", "pisync failed at this request.", { next: "See: pisync daemon logs" });
  return context.json(failure.toBody(), statusOf(failure.code));
}

/** For programs that look no further than the status; the code in the body says exactly. */
function statusOf(code: ErrorCode): ContentfulStatusCode {
  switch (code) {
    case "malformed":
    case "usage":
    case "config-invalid":
      return 400;
    case "not-found":
    case "no-such-target":
    case "no-live-session":
      return 404;
    case "too-large":
      return 413;
    case "too-many-views":
      return 429;
    case "internal":
      return 500;
    case "daemon-unreachable":
    case "host-unreachable":
      return 502;
    case "timed-out":
      return 504;
    case "ambiguous-target":
    case "not-live":
    case "already-live":
    case "same-session":
    case "conversation-held":
    case "nothing-to-resume":
    case "program-not-found":
    case "cwd-missing":
    case "launch-failed":
    case "not-a-terminal":
    case "unsafe-directory":
    case "state-not-writable":
    case "daemon-newer":
    case "host-incompatible":
    case "host-died":
      return 409;
  }
}

/** Bytes that are not HTTP, too long a header or half a request: said to the sender, then closed. */
function answerClientError(error: Error, socket: Duplex): void {
  if (!socket.writable || (error as NodeJS.ErrnoException).code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const code = systemErrorCode(error);
  if (code === "HPE_HEADER_OVERFLOW") writeRefusal(socket, 431, "The request's header is too large.", "too-large");
  else if (code === "ERR_HTTP_REQUEST_TIMEOUT") writeRefusal(socket, 408, "The request was not finished.", "timed-out");
  else writeRefusal(socket, 400, "This is not a well-formed HTTP request.", "malformed");
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  writeRefusal(socket, 400, "Nothing here can be upgraded to another protocol.", "usage");
}

function writeRefusal(socket: Duplex, status: number, message: string, code: ErrorCode): void {
  const body = JSON.stringify(new PisyncError(code, message).toBody());
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function notFound(method: string, path: string): PisyncError {
  return new PisyncError("not-found", `There is no ${method} ${path} here.`, { next: "See docs/protocol.md." });
}

function bodyTooLarge(): PisyncError {
  return new PisyncError("too-large", `The request is larger than ${MAX_BODY_BYTES} bytes.`);
}

function inUse(socketPath: string): PisyncError {
  return new PisyncError("already-live", `Another process listens on ${socketPath}.`, {
    facts: { socket: socketPath },
  });
}
