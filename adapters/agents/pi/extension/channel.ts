import { existsSync, lstatSync } from "node:fs";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import type { AgentToHost, HostToAgent } from "../../../../protocol/agent-channel.ts";
import { EventQueue } from "./events-queue.ts";

type Answer = Extract<HostToAgent, { type: "may-open-answer" }>;

/** pi's present session, for as long as its `pi` and `ctx` are good. Nothing in it may throw. */
export interface BoundSession {
  identity(): AgentToHost;
  command(message: HostToAgent): void;
}

const FIRST_DELAY_MS = 100;
/** A daemon that was just started is asked for something at once: it has to be found soon. */
const MAX_DELAY_MS = 2_000;
const UPGRADE_DEADLINE_MS = 5_000;
const ANSWER_DEADLINE_MS = 1_000;
const MAX_PENDING = 64;
const MAX_UNSENT_BYTES = 256 * 1024;
const MAX_LINE_CHARACTERS = 1024 * 1024;

/**
 * The extension's end of the agent channel: one connection to the host or the daemon, made again whenever it is
 * lost, that neither keeps pi alive nor ever throws into it. It outlives pi's sessions; each one is bound in turn.
 */
export class AgentChannel {
  readonly #socketPath: string;
  readonly #hello: AgentToHost;
  readonly #pending: AgentToHost[] = [];
  readonly #events = new EventQueue();
  readonly #questions = new Map<number, (answer: Answer | undefined) => void>();
  #session: BoundSession | undefined;
  #identityDue = false;
  #socket: Socket | undefined;
  #delay = FIRST_DELAY_MS;
  #opened = false;
  #asked = 0;

  constructor(socketPath: string, hello: AgentToHost) {
    this.#socketPath = socketPath;
    this.#hello = hello;
  }

  /** Connects, and keeps connected from now on. */
  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#connect();
  }

  /** Makes this session the one that is spoken for, and reports it. */
  bind(session: BoundSession): void {
    this.#session = session;
    this.#identityDue = true;
    // What is still unsent is about the session before, which the host is about to forget.
    this.#pending.length = 0;
    this.#flush();
  }

  /** From here on until the next `bind` nothing is known of a session. */
  unbind(): void {
    this.#session = undefined;
    this.#identityDue = false;
  }

  send(message: AgentToHost): void {
    this.#pending.push(message);
    if (!this.#socket) this.#keepOutcome();
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
    this.#flush();
  }

  /** Sends the line of an event behind everything else, or drops it while too much waits. */
  publish(line: string): void {
    this.#events.push(line);
    this.#flush();
  }

  /** Undefined when nobody is connected, or gives no answer within a second. */
  async mayOpen(conversationId: string, path: string): Promise<Answer | undefined> {
    if (!this.#socket) return undefined;
    const request = ++this.#asked;
    return new Promise((resolve) => {
      const settle = (answer: Answer | undefined) => {
        clearTimeout(timer);
        this.#questions.delete(request);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), ANSWER_DEADLINE_MS).unref();
      this.#questions.set(request, settle);
      this.send({ type: "may-open", request, conversationId, path });
    });
  }

  #connect(): void {
    if (!isPrivate(dirname(this.#socketPath)) || !existsSync(this.#socketPath)) return this.#connectLater();
    let attempt: ClientRequest;
    try {
      attempt = request({
        socketPath: this.#socketPath,
        path: "/v1/agent",
        agent: false,
        headers: { Connection: "Upgrade", Upgrade: "pisync-agent" },
      });
    } catch {
      // A path that cannot be a socket: no later attempt would fare better.
      return;
    }
    let upgraded = false;
    attempt.setTimeout(UPGRADE_DEADLINE_MS, () => attempt.destroy());
    attempt.on("socket", (socket) => socket.unref());
    attempt.on("upgrade", (_response: IncomingMessage, socket: Socket, head: Buffer) => {
      upgraded = true;
      this.#connected(socket, head);
    });
    attempt.on("response", (response) => response.destroy());
    attempt.on("error", () => undefined);
    attempt.on("close", () => {
      if (!upgraded) this.#connectLater();
    });
    attempt.end();
  }

  #connectLater(): void {
    setTimeout(() => this.#connect(), this.#delay).unref();
    this.#delay = Math.min(this.#delay * 2, MAX_DELAY_MS);
  }

  #connected(socket: Socket, head: Buffer): void {
    this.#socket = socket;
    socket.setTimeout(0);
    socket.setEncoding("utf8");
    let received = "";
    socket.on("data", (text: string) => {
      const lines = (received + text).split("\n");
      received = lines.pop() ?? "";
      for (const line of lines) this.#receive(line);
      if (received.length > MAX_LINE_CHARACTERS) socket.destroy();
    });
    socket.on("drain", () => this.#flush());
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#socket = undefined;
      this.#keepOutcome();
      this.#connectLater();
    });
    if (head.length > 0) socket.unshift(head);
    this.#write(this.#hello);
    this.#identityDue = this.#session !== undefined;
    this.#flush();
  }

  #receive(line: string): void {
    try {
      const message = JSON.parse(line) as HostToAgent;
      if (message.type === "ready") this.#delay = FIRST_DELAY_MS;
      else if (message.type === "may-open-answer") this.#questions.get(message.request)?.(message);
      else this.#session?.command(message);
    } catch {
      // A host that speaks another language is not pi's problem.
    }
  }

  /** Of what cannot be sent, how the last run ended: all else will be in the identity. */
  #keepOutcome(): void {
    const last = this.#pending.findLast(({ type }) => type === "run-start" || type === "run-settled");
    this.#pending.length = 0;
    if (last?.type === "run-settled") this.#pending.push(last);
  }

  /** The identity goes first, because it is what the rest is about. */
  #flush(): void {
    if (this.#identityDue && this.#session && this.#writable()) {
      this.#identityDue = false;
      try {
        this.#write(this.#session.identity());
      } catch {
        // pi has replaced the session without saying so; the next one will report itself.
      }
    }
    while (!this.#identityDue && this.#writable()) {
      const message = this.#pending.shift();
      if (message === undefined) break;
      this.#write(message);
    }
    while (!this.#identityDue && this.#writable()) {
      const line = this.#events.shift();
      if (line === undefined) return;
      this.#socket?.write(`${line}\n`);
    }
  }

  #writable(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writableLength < MAX_UNSENT_BYTES;
  }

  #write(message: AgentToHost): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`);
  }
}

/** Whether only this user can have put a socket there: what is said of a conversation is for nobody else. */
function isPrivate(directory: string): boolean {
  try {
    const stats = lstatSync(directory);
    return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
