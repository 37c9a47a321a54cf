import { isDeepStrictEqual } from "node:util";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { ProcessIdentity } from "../../protocol/ids.ts";
import type { Conversation } from "../../protocol/session.ts";
import type { AgentConnection, Hello } from "../../runtime/agent-connection.ts";
import { statusAfter, type AgentStatus } from "../../runtime/agent-status.ts";
import { conversationKey, heldSentence, type ConversationLeases } from "../../runtime/conversation-leases.ts";
import { presentable } from "../../runtime/sanitise.ts";
import type { ExternalReport } from "./external-sessions.ts";

/** What one process says of itself over one connection. */
export class ExternalAgent {
  readonly process: ProcessIdentity;
  readonly #leases: ConversationLeases;
  readonly #connection: AgentConnection;
  #status: AgentStatus = { shown: undefined };
  #conversation: Conversation | undefined;
  #name: string | undefined;
  #firstMessage: string | undefined;
  #report: ExternalReport | undefined;

  constructor(process: ProcessIdentity, leases: ConversationLeases, connection: AgentConnection) {
    this.process = process;
    this.#leases = leases;
    this.#connection = connection;
  }

  /**
   * What it says after this message: the same object when the message changes nothing of it, undefined until the process
   * has said which conversation it has open.
   */
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
        this.#connection.send(await this.#leases.answerMayOpen(message));
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
    const report = this.#present();
    if (!isDeepStrictEqual(report, this.#report)) this.#report = report;
    return this.#report;
  }

  #present(): ExternalReport | undefined {
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
}
