import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import type { ProcessIdentity } from "../protocol/ids.ts";
import { AgentConnection, type Hello } from "../runtime/agent-connection.ts";
import { isAlive, identityOf } from "../runtime/process-identity.ts";

export interface AgentChannelEvents {
  onMessage(message: AgentToHost): void;
  /** The connection is lost; the extension may make another one. */
  onDisconnect(): void;
}

/**
 * The host's end of the agent channel. It speaks with one process: the first that knows this generation's
 * token, until that process has ended. A process that inherited the token from it is refused.
 */
export class AgentChannel {
  readonly #token: string;
  readonly #session: string;
  readonly #events: AgentChannelEvents;
  readonly #connections = new Set<AgentConnection>();
  #speaker: ProcessIdentity | undefined;
  #current: AgentConnection | undefined;

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
    const connection: AgentConnection = new AgentConnection(request, socket, head, {
      onHello: (hello) => this.#greet(connection, hello),
      onMessage: (message) => {
        if (connection === this.#current) this.#events.onMessage(message);
      },
      onClose: () => {
        this.#connections.delete(connection);
        if (this.#current !== connection) return;
        this.#current = undefined;
        this.#events.onDisconnect();
      },
    });
    this.#connections.add(connection);
  }

  /** False when no extension is connected. */
  send(message: HostToAgent): boolean {
    this.#current?.send(message);
    return this.#current !== undefined;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** The reason why that process is not listened to. */
  async #greet(connection: AgentConnection, hello: Hello): Promise<string | undefined> {
    if (hello.token !== this.#token) return "This host belongs to another session.";
    const other = this.#speaker && this.#speaker.pid !== hello.pid && (await isAlive(this.#speaker));
    if (other) return "Another process speaks for this session.";
    this.#speaker = await identityOf(hello.pid);
    if (!connection.open) return "Gone meanwhile.";
    if (this.#current !== connection) this.#current?.close();
    this.#current = connection;
    this.send({ type: "ready", session: this.#session });
    this.#events.onMessage(hello);
    return undefined;
  }
}
