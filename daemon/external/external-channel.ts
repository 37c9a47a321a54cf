import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { ProcessIdentity } from "../../protocol/ids.ts";
import type { Conversation } from "../../protocol/session.ts";
import { AgentConnection, type Hello } from "../../runtime/agent-connection.ts";
import { statusAfter, type AgentStatus } from "../../runtime/agent-status.ts";
import { conversationKey, ConversationLeases, heldSentence } from "../../runtime/conversation-leases.ts";
import type { Log } from "../../runtime/log.ts";
import { identityOf } from "../../runtime/process-identity.ts";
import { errorText, presentable } from "../../runtime/sanitise.ts";
import { externalIdOf, type ExternalReport } from "./external-sessions.ts";

/** So that agents cannot use up the connections that clients need. */
const MAX_AGENTS = 128;

export interface ExternalChannelOptions {
  leasesDirectory: string;
  /** Told what a process says of itself after each change, and undefined once it says nothing any more. */
  report(process: ProcessIdentity, report: ExternalReport | undefined): void;
  log: Log;
}

/** The daemon's end of the agent channel, for every pi that pisync did not start. */
export interface ExternalChannel {
  /** Takes over an HTTP connection that asked for the agent channel. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** What the agents hold, they keep: the next daemon finds it. */
  close(): void;
}

/**
 * Whoever can connect is this user, because the socket is closed to others; which process it is it says itself, and
 * it must be one that this user may signal.
 */
export function createExternalChannel(options: ExternalChannelOptions): ExternalChannel {
  const connections = new Set<AgentConnection>();
  /** The connection that speaks for a pid: its newest. */
  const speaking = new Map<number, AgentConnection>();

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    let agent: ExternalAgent | undefined;
    const connection: AgentConnection = new AgentConnection(request, socket, head, {
      async onHello({ pid }: Hello) {
        if (agent !== undefined) return "One hello is enough.";
        const process = isOwnProcess(pid) ? await identityOf(pid) : undefined;
        if (process === undefined) return "There is no such process of this user.";
        const leases = new ConversationLeases(options.leasesDirectory, { process });
        await leases.regain();
        if (!connection.open) return "Gone meanwhile.";
        speaking.get(pid)?.close();
        speaking.set(pid, connection);
        agent = new ExternalAgent(process, leases, connection);
        connection.send({ type: "ready", session: externalIdOf(process) });
        return undefined;
      },
      async onMessage(message) {
        if (agent === undefined || speaking.get(agent.process.pid) !== connection) return;
        try {
          options.report(agent.process, await agent.reportAfter(message));
        } catch (error) {
          options.log.error("agent-message", { type: message.type, reason: errorText(error) });
        }
      },
      onClose() {
        connections.delete(connection);
        if (agent === undefined || speaking.get(agent.process.pid) !== connection) return;
        speaking.delete(agent.process.pid);
        options.report(agent.process, undefined);
      },
    });
    connections.add(connection);
    if (connections.size > MAX_AGENTS) connection.refuse("Too many agents are connected.");
  }

  return {
    accept,
    close() {
      speaking.clear();
      for (const connection of connections) connection.close();
    },
  };
}

/** What one process says of itself. */
class ExternalAgent {
  readonly process: ProcessIdentity;
  readonly #leases: ConversationLeases;
  readonly #connection: AgentConnection;
  #status: AgentStatus = { shown: undefined };
  #conversation: Conversation | undefined;
  #name: string | undefined;
  #firstMessage: string | undefined;

  constructor(process: ProcessIdentity, leases: ConversationLeases, connection: AgentConnection) {
    this.process = process;
    this.#leases = leases;
    this.#connection = connection;
  }

  /** Undefined until the process has said which conversation it has open. */
  async reportAfter(message: Exclude<AgentToHost, Hello>): Promise<ExternalReport | undefined> {
    this.#status = statusAfter(this.#status, message, this.#conversation?.id, Date.now());
    switch (message.type) {
      case "identity":
        await this.#hold(message.conversationId);
        this.#conversation = { id: message.conversationId, ...(message.path ? { path: message.path } : {}) };
        this.#name = presentable(message.name);
        this.#firstMessage = presentable(message.firstMessage);
        break;
      case "name":
        this.#name = presentable(message.name);
        break;
      case "first-message":
        this.#firstMessage = presentable(message.text);
        break;
      case "may-open":
        await this.#answer(message.request, message.conversationId);
        break;
      case "run-start":
      case "run-settled":
      case "waiting":
      case "event":
      case "answer":
      case "aborted":
      case "questions":
      case "question-settled":
      case "prompt-handed":
      case "prompt-ended":
      case "prompts-saved":
        break;
    }
    const status = this.#status.shown;
    if (this.#conversation === undefined || status === undefined) return undefined;
    return { conversation: this.#conversation, status, name: this.#name, firstMessage: this.#firstMessage };
  }

  /**
   * From now on no host opens that conversation. A pi that somebody started by hand on one that is live already is
   * told, not ended: it is none of pisync's.
   */
  async #hold(conversationId: string): Promise<void> {
    const key = conversationKey(conversationId);
    const holder = await this.#leases.claim(key);
    await this.#leases.keepOnly([key]);
    if (holder !== undefined && conversationId !== this.#conversation?.id) {
      this.#connection.send({ type: "notify", message: heldSentence(holder) });
    }
  }

  async #answer(request: number, conversationId: string): Promise<void> {
    const holder = await this.#leases.claim(conversationKey(conversationId));
    this.#connection.send({
      type: "may-open-answer",
      request,
      allowed: holder === undefined,
      ...(holder && { message: heldSentence(holder) }),
    });
  }
}

function isOwnProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
