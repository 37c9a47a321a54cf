import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { AGENT_UPGRADE, AgentToHost, MAX_AGENT_LINE_BYTES, type HostToAgent } from "../protocol/agent-channel.ts";
import { INTERPRETED } from "./json-file.ts";

/** What the extension has not read yet, in bytes; beyond it the connection is cut, and made again by the extension. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const HELLO_DEADLINE_MS = 5_000;

export type Hello = Extract<AgentToHost, { type: "hello" }>;

export interface AgentConnectionHandler {
  /** Decides whether this process is listened to: the sentence why not, or undefined. Precedes all else. */
  onHello(hello: Hello): Promise<string | undefined>;
  /** After an accepted hello. The next message is read once this one is done with. */
  onMessage(message: Exclude<AgentToHost, Hello>): Promise<void> | void;
  onClose(): void;
}

/**
 * The serving end of one connection of the agent channel, on an HTTP connection that asked for it: the host's or
 * the daemon's. Takes one message after another. What is no message, too long a line, a silent or unwelcome
 * process is told so and closed.
 */
export class AgentConnection {
  readonly #socket: Duplex;
  readonly #handler: AgentConnectionHandler;
  #greeted = false;

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer, handler: AgentConnectionHandler) {
    this.#socket = socket;
    this.#handler = handler;
    socket.on("error", () => undefined);
    socket.on("close", () => handler.onClose());
    if (request.headers.upgrade !== AGENT_UPGRADE) {
      socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n", () => socket.destroy());
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${AGENT_UPGRADE}\r\nConnection: Upgrade\r\n\r\n`);
    if (head.length > 0) socket.unshift(head);
    const deadline = setTimeout(() => this.#greeted || this.refuse("A hello is expected first."), HELLO_DEADLINE_MS);
    socket.on("close", () => clearTimeout(deadline));
    void this.#serve();
  }

  get open(): boolean {
    return this.#socket.writable;
  }

  send(message: HostToAgent): void {
    if (!this.open) return;
    this.#socket.write(`${JSON.stringify(message)}\n`);
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.close();
  }

  /** Says why, and closes. */
  refuse(message: string): void {
    const error: HostToAgent = { type: "error", message };
    this.#socket.end(`${JSON.stringify(error)}\n`, () => this.close());
    // Unread input would make the system drop what was just said.
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #serve(): Promise<void> {
    try {
      for await (const line of linesOf(this.#socket)) {
        const refusal = line === undefined ? TOO_LONG : await this.#receive(line);
        if (refusal === undefined) continue;
        return this.refuse(refusal);
      }
      this.close();
    } catch {
      // The connection broke.
      this.close();
    }
  }

  async #receive(line: string): Promise<string | undefined> {
    const { success, data: message } = AgentToHost.safeParse(parseJson(line), INTERPRETED);
    if (!success) return "This is not a message of the agent channel.";
    if (message.type === "hello") {
      const refusal = await this.#handler.onHello(message);
      this.#greeted ||= refusal === undefined;
      return refusal;
    }
    if (!this.#greeted) return "A hello is expected first.";
    await this.#handler.onMessage(message);
    return undefined;
  }
}

const TOO_LONG = `A line is limited to ${MAX_AGENT_LINE_BYTES} bytes.`;

/** Every complete line; undefined, and no more, when one is too long. Leaves the socket open when its reader stops. */
async function* linesOf(socket: Duplex): AsyncGenerator<string | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.toString("utf8", 0, end);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > MAX_AGENT_LINE_BYTES) yield undefined;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
