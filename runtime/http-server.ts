import { once } from "node:events";
import { chmod, lstat, rm } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "../protocol/errors.ts";
import { PisyncError, systemErrorCode } from "./failure.ts";
import type { Router } from "./http-router.ts";
import { somebodyListens } from "./listening.ts";
import { createServer } from "./node-http.ts";

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
  /**
   * Whether to act on a request with this `Expect` header; if not it is answered 417, and so is every one without
   * this function.
   */
  meets?: (expectation: string) => boolean;
  /** Told of failures that are ours (answered 500 `internal`). */
  onError?: (error: unknown) => void;
}

/**
 * Serves an HTTP API on a unix socket of mode 0600. Bodies are limited to 2 MiB, connections to 256, half-sent
 * requests to 30 s. The socket file of a process that no longer listens is replaced, a live one never.
 * @throws PisyncError `already-live` when somebody listens there, `state-not-writable`.
 */
export async function listenUnix(router: Router, socketPath: string, options: ListenOptions = {}): Promise<UnixServer> {
  await removeStaleSocket(socketPath);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (incoming, response) => void router.answer(incoming, response, options.onError),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("checkExpectation", (incoming: IncomingMessage, response: ServerResponse) => {
    if (options.meets?.(incoming.headers.expect ?? "")) void router.answer(incoming, response, options.onError);
    else response.writeHead(417).end();
  });
  server.on("clientError", answerClientError);
  server.on("upgrade", options.onUpgrade ?? refuseUpgrade);
  const connections = trackConnections(server);
  await listen(server, socketPath);
  return { server, close: () => close(server, connections) };
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

/** Bytes that are not HTTP, too long a header or half a request: said to the sender, then closed. */
function answerClientError(error: Error, socket: Duplex): void {
  const reason = systemErrorCode(error);
  if (!socket.writable || reason === "ECONNRESET") {
    socket.destroy();
    return;
  }
  if (reason === "HPE_HEADER_OVERFLOW") writeRefusal(socket, 431, "too-large", "The request's header is too large.");
  else if (reason === "ERR_HTTP_REQUEST_TIMEOUT") {
    writeRefusal(socket, 408, "timed-out", "The request was not finished in time.");
  } else writeRefusal(socket, 400, "malformed", "This is not a well-formed HTTP request.");
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  writeRefusal(socket, 400, "usage", "Nothing here can be upgraded to another protocol.");
}

/** A refusal on a connection that is not, or no longer, in HTTP's hands. */
function writeRefusal(socket: Duplex, status: number, code: ErrorCode, message: string): void {
  const body = JSON.stringify(new PisyncError(code, message).toBody());
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function inUse(socketPath: string): PisyncError {
  return new PisyncError("already-live", `Another process listens on ${socketPath}.`, {
    facts: { socket: socketPath },
  });
}
