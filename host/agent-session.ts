import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { AttributionRequest } from "../protocol/host-api.ts";
import type { Degraded } from "../protocol/session.ts";
import { conversationKey, heldSentence, sessionKey, type ConversationLeases } from "../runtime/conversation-leases.ts";
import { PisyncError } from "../runtime/failure.ts";
import { plainText, presentable } from "../runtime/sanitise.ts";
import type { LeaseHolder } from "../runtime/lease.ts";
import type { Log } from "../runtime/log.ts";
import type { AgentChannel } from "./agent-channel.ts";
import type { LiveStatus } from "./live-status.ts";
import type { SessionState } from "./session-state.ts";

/** How long pi may take to load the extension before its silence is said, in milliseconds. */
const CONNECT_DEADLINE_MS = 15_000;

type Identity = Extract<AgentToHost, { type: "identity" }>;

export interface AgentSessionParts {
  state: SessionState;
  status: LiveStatus;
  leases: ConversationLeases;
  channel: () => AgentChannel;
  log: Log;
  /** Told of every message after it has been dealt with, and of none about a conversation that is held elsewhere. */
  onHandled(message: AgentToHost): void;
  /** The conversation that was opened is live in that session: show it there instead. */
  onHeldElsewhere(holder: LeaseHolder): void;
}

/** Turns what the extension reports into facts of the session, and keeps one writer per conversation. */
export class AgentSession {
  readonly #parts: AgentSessionParts;
  #connectTimer: NodeJS.Timeout | undefined;
  #messages: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: AgentSessionParts) {
    this.#parts = parts;
  }

  /** Says so when the extension has not reported within a deadline. */
  expectExtension(): void {
    this.#connectTimer = setTimeout(() => {
      this.#degrade({
        reason: "not-connected",
        detail: "pi runs, but the pisync extension in it has not reported.",
      });
    }, CONNECT_DEADLINE_MS).unref();
  }

  /** Says so when the extension has lost its connection and made no other. */
  extensionLost(): void {
    this.#degrade({
      reason: "not-connected",
      detail: "pi runs, but the pisync extension in it has stopped reporting.",
    });
  }

  /** Takes messages in order, one after another. */
  receive(message: AgentToHost): void {
    this.#messages = this.#messages
      .then(() => this.#handle(message))
      .catch((error: unknown) => this.#parts.log.error("agent-message", { type: message.type, reason: String(error) }));
  }

  /**
   * Takes somebody else's word for the conversation that the agent has open. The extension's own counts more, and once
   * the session has ended nobody's does: its record may be another host's by then.
   * @throws PisyncError `conversation-held` when another session holds it.
   */
  attribute(request: AttributionRequest): Promise<void> {
    const taken = this.#messages.then(() => this.#takeAttribution(request));
    this.#messages = taken.catch(() => undefined);
    return taken;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#connectTimer);
  }

  async #handle(message: AgentToHost): Promise<void> {
    const { state } = this.#parts;
    const conversationBefore = state.conversation?.id;
    switch (message.type) {
      case "hello":
        this.#greet(message);
        break;
      case "identity":
        if (!(await this.#takeIdentity(message))) return;
        break;
      case "name":
        state.updateRecord({ name: presentable(message.name), namePending: undefined });
        break;
      case "first-message":
        state.updateRecord({ firstMessage: presentable(message.text) });
        break;
      case "may-open":
        this.#parts.channel().send(await this.#parts.leases.answerMayOpen(message));
        break;
      case "run-start":
      case "run-settled":
        state.updateRecord({});
        break;
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
    this.#parts.status.extensionSaid(message, conversationBefore);
    this.#parts.onHandled(message);
  }

  #degrade(degraded: Degraded): void {
    this.#parts.status.degraded();
    this.#parts.state.setDegraded(degraded);
  }

  #greet(hello: Extract<AgentToHost, { type: "hello" }>): void {
    clearTimeout(this.#connectTimer);
    const version = hello.agentVersion ? ` ${plainText(hello.agentVersion, { maxCells: 20 })}` : "";
    const lacks = plainText(`pi${version} lacks: ${hello.missing.join(", ")}.`, { maxCells: 400 });
    if (hello.missing.length === 0) this.#parts.state.setDegraded(undefined);
    else this.#degrade({ reason: "unsupported-version", detail: lacks });
  }

  /** False when another session holds the conversation, and this one gives way to it. */
  async #takeIdentity(identity: Identity): Promise<boolean> {
    const { state, leases } = this.#parts;
    const holder = await leases.claim(conversationKey(identity.conversationId));
    if (holder) {
      this.#parts.onHeldElsewhere(holder);
      return false;
    }
    await this.#holdOnly(identity.conversationId, identity.path);
    const { name, namePending } = state.record;
    if (name && namePending) this.#parts.channel().send({ type: "set-name", name });
    state.updateRecord({
      conversation: { id: identity.conversationId, ...(identity.path ? { path: identity.path } : {}) },
      attribution: { evidence: "extension" },
      name: namePending ? name : presentable(identity.name),
      namePending: undefined,
      firstMessage: presentable(identity.firstMessage),
    });
    return true;
  }

  async #takeAttribution({ conversation, evidence }: AttributionRequest): Promise<void> {
    const { state, leases } = this.#parts;
    const { attribution, conversation: before, namePending } = state.record;
    if (attribution?.evidence === "extension" || this.#closed) return;
    const holder = await leases.claim(conversationKey(conversation.id));
    if (holder) throw new PisyncError("conversation-held", heldSentence(holder));
    await this.#holdOnly(conversation.id, conversation.path);
    const another = before !== undefined && before.id !== conversation.id;
    // They are about the conversation before.
    const outdated = another ? { firstMessage: undefined, ...(namePending ? {} : { name: undefined }) } : {};
    state.updateRecord({ conversation, attribution: { evidence }, ...outdated });
  }

  /** Of all conversations. The session itself stays held until its end. */
  #holdOnly(id: string, path: string | undefined): Promise<void> {
    const { state, leases } = this.#parts;
    return leases.keepOnly([sessionKey(state.record.id), conversationKey(id), ...(path ? [`path:${path}`] : [])]);
  }
}
