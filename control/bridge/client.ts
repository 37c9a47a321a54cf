import { once } from "node:events";
import type { Socket } from "node:net";
import { BRIDGE_PROTOCOL, type BridgeState } from "../../protocol/pi-bridge.ts";
import type { BridgeHistory } from "./history.ts";
import { boundedLines } from "./lines.ts";
import type { BridgeRequests, Subscription } from "./requests.ts";
import type { EventLog } from "../event-log.ts";

export interface BridgeClientParts {
  socket: Socket;
  log: EventLog;
  history: BridgeHistory;
  requests: BridgeRequests;
  maxLineBytes: number;
  state(reason: string): BridgeState;
}

/** How long a client may take to read the last it is sent, in milliseconds. */
const LEAVING_MS = 1_000;

/**
 * One connection of the bridge. Answers one request after another, and is sent each event when it has taken what it was
 * sent before: a client that does not read costs the answer it has not read, and nobody else anything.
 */
export class BridgeClient {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #parts: BridgeClientParts;
  readonly #subscription: Subscription = { subscribed: true };
  /** The last event that was sent, or passed over. */
  #seq: number;
  #advancing = false;

  constructor(parts: BridgeClientParts) {
    const { socket, log } = parts;
    this.#parts = parts;
    this.#seq = log.newest;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => undefined);
    socket.on("drain", () => this.advance());
    this.#send({ type: "bridge_hello", protocol: BRIDGE_PROTOCOL, state: parts.state("connect") });
    void this.#serve();
  }

  /** Sends the events that are new, as far as the client takes them. */
  advance(): void {
    if (!this.#advancing) void this.#sendNext();
  }

  /** Says goodbye. */
  async close(reason: string): Promise<void> {
    const { socket } = this.#parts;
    this.#send({ type: "bridge_stop", reason });
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LEAVING_MS);
    await this.closed;
    clearTimeout(timer);
  }

  async #serve(): Promise<void> {
    const { socket, requests, maxLineBytes } = this.#parts;
    try {
      for await (const line of boundedLines(socket, maxLineBytes)) {
        if (line?.trim() === "") continue;
        const response =
          line === undefined
            ? { type: "response", success: false, error: `Input line exceeds ${maxLineBytes} bytes` }
            : await requests.answer(line, this.#subscription);
        this.#send(response);
        if (socket.writableNeedDrain) await Promise.race([once(socket, "drain"), this.closed]);
      }
      socket.end();
    } catch {
      // The connection broke.
      socket.destroy();
    }
  }

  async #sendNext(): Promise<void> {
    const { socket, log, history } = this.#parts;
    this.#advancing = true;
    for (let next = log.after(this.#seq); next && !socket.writableNeedDrain; next = log.after(this.#seq)) {
      const missed = next.seq - this.#seq - 1;
      this.#seq = next.seq;
      if (!this.#subscription.subscribed || !socket.writable) continue;
      if (missed > 0) this.#sayMissed(missed);
      this.#write(await history.line(next));
    }
    this.#advancing = false;
  }

  #sayMissed(events: number): void {
    this.#send({ type: "bridge_error", where: "stream", error: `${events} events were not sent: read faster.` });
  }

  #send(message: object): void {
    this.#write(`${JSON.stringify(message)}\n`);
  }

  #write(line: string | undefined): void {
    if (line !== undefined && this.#parts.socket.writable) this.#parts.socket.write(line);
  }
}
