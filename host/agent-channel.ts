import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { AGENT_UPGRADE, AgentToHost, MAX_AGENT_LINE_BYTES, type HostToAgent } from "../protocol/agent-channel.ts";
import { isAlive, identityOf } from "../runtime/process-identity.ts";
import type { ProcessIdentity } from "../protocol/ids.ts";

/** Commands that the extension has not read yet, in bytes; beyond it the connection is cut and made again. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const HELLO_DEADLINE_MS = 5_000;

export interface AgentChannelEvents {
  onMessage(message: AgentToHost): void;
}

/**
 * The host's end of the agent channel. It speaks with one process: the first that knows this generation's
 * token, until that process has ended. A process that inherited the token from it is refused.
 */
export class AgentChannel {
  readonly #token: string;
  readonly #session: string;
  readonly #events: AgentChannelEvents;
  readonly #connections = new Set<Duplex>();
  #speaker: ProcessIdentity | undefined;
  #current: Duplex | undefined;

  constructor(session: string, token: string, events: AgentChannelEvents) {
    this.#session = session;
    this.#token = token;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#current !== undefined;
  }

  /** Takes over an HTTP connection that asked for the agent channel. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.headers.upgrade !== AGENT_UPGRADE) {
      socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n");
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${AGENT_UPGRADE}\r\nConnection: Upgrade\r\n\r\n`);
    this.#connections.add(socket);
    const deadline = setTimeout(() => refuse(socket, "A hello is expected first."), HELLO_DEADLINE_MS);
    let messages: Promise<void> = Promise.resolve();
    readLines(socket, head, (line) => {
      messages = messages.then(async () => {
        if (await this.#receive(socket, line)) clearTimeout(deadline);
      });
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(deadline);
      this.#connections.delete(socket);
      if (this.#current === socket) this.#current = undefined;
    });
  }

  /** False when no extension is connected. */
  send(message: HostToAgent): boolean {
    if (!this.#current) return false;
    this.#current.write(`${JSON.stringify(message)}\n`);
    if (this.#current.writableLength > MAX_UNREAD_BYTES) this.#current.destroy();
    return true;
  }

  close(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  /** True when the line was good. */
  async #receive(socket: Duplex, line: string): Promise<boolean> {
    if (socket.destroyed || socket.writableEnded) return false;
    const message = AgentToHost.safeParse(parseJson(line));
    if (!message.success) {
      refuse(socket, "This is not a message of the agent channel.");
      return false;
    }
    if (message.data.type === "hello") return this.#greet(socket, message.data);
    if (socket !== this.#current) {
      refuse(socket, "A hello is expected first.");
      return false;
    }
    this.#events.onMessage(message.data);
    return true;
  }

  async #greet(socket: Duplex, hello: Extract<AgentToHost, { type: "hello" }>): Promise<boolean> {
    if (hello.token !== this.#token) {
      refuse(socket, "This host belongs to another session.");
      return false;
    }
    const other = this.#speaker && this.#speaker.pid !== hello.pid && (await isAlive(this.#speaker));
    if (other) {
      refuse(socket, "Another process speaks for this session.");
      return false;
    }
    this.#speaker = await identityOf(hello.pid);
    if (this.#current !== socket) this.#current?.destroy();
    this.#current = socket;
    this.send({ type: "ready", session: this.#session });
    this.#events.onMessage(hello);
    return true;
  }
}

/** Calls back for every complete line; a line beyond the limit ends the connection. */
function readLines(socket: Duplex, head: Buffer, onLine: (line: string) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      onLine(rest.toString("utf8", 0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length <= MAX_AGENT_LINE_BYTES) return;
    rest = Buffer.alloc(0);
    refuse(socket, `A line is limited to ${MAX_AGENT_LINE_BYTES} bytes.`);
  };
  if (head.length > 0) take(head);
  socket.on("data", take);
}

function refuse(socket: Duplex, message: string): void {
  const error: HostToAgent = { type: "error", message };
  socket.end(`${JSON.stringify(error)}\n`, () => socket.destroy());
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
