import { randomUUID } from "node:crypto";
import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import type { PromptId, PromptList, PromptRecord, PromptRequest, StoredPrompt } from "../protocol/prompts.ts";
import type { Log } from "../runtime/log.ts";
import { isOver, nextPrompt, type PromptEnd } from "./prompt-order.ts";
import { PromptRecords } from "./prompt-records.ts";
import { alreadyOver, busy, bytesOf, digestOf, requireDeliverable, requireRoom, samePrompt } from "./prompt-request.ts";
import type { PromptStore } from "./prompt-store.ts";

/** How long an accepted prompt is waited for to be with pi, so that the answer says what became of it, in ms. */
const HANDING_MS = 1_000;
/** How long an interrupt waits for the run that it is meant for, in ms: extensions may hold it up. */
const BEGINNING_MS = 1_000;
/** An interrupted run has ended after this, in ms; if not, prompts go on all the same. */
const ABORTING_MS = 10_000;

export interface PromptQueueParts {
  store: PromptStore;
  log: Log;
  /** False when no extension is connected. */
  send(message: HostToAgent): boolean;
  /** What prompts of other sessions take of the room for those that wait, in bytes. */
  waitingElsewhere(): number;
  /** The conversation that is open. */
  conversation(): string | undefined;
  /** @throws PisyncError `no-extension` when pi cannot be given any prompt. */
  requireReachable(): void;
}

/**
 * The prompts that programs send to the session: accepted is what is on disk, one at a time is with pi, and each has
 * exactly one end. A new host goes on where the one before was ended.
 */
export class PromptQueue {
  readonly #parts: PromptQueueParts;
  readonly #prompts: PromptRecords;
  #work: Promise<unknown> = Promise.resolve();
  /** The extension has said which conversation is open. */
  #bound = false;
  #running = false;
  #conversation: string | undefined;
  #aborting: NodeJS.Timeout | undefined;
  /** What this connection was given. */
  #sent: PromptId | undefined;

  constructor(parts: PromptQueueParts) {
    this.#parts = parts;
    this.#prompts = new PromptRecords(parts.store);
  }

  /** Takes up what the host before has left, or with `sameAgent` the daemon before, while the agent went on. */
  async load({ sameAgent }: { sameAgent: boolean }): Promise<void> {
    await this.#prompts.load(this.#parts.log);
    if (!sameAgent) this.#prompts.takeUp(this.#parts.conversation());
  }

  /**
   * Resolves when the prompt is on disk, and, unless that takes over a second, with pi if it is its turn.
   * @throws PisyncError `usage`, `too-large`, `not-an-image`, `queue-full`, `busy`, `prompt-differs`, `no-extension`.
   */
  async accept(request: PromptRequest): Promise<PromptRecord> {
    requireDeliverable(request);
    const { id } = await this.#serially(() => this.#take(request));
    await this.#serially(() => this.#hand());
    await this.#whenHanded(id);
    return this.#prompts.record(id);
  }

  get running(): boolean {
    return this.#running;
  }

  /** What waits, in bytes. */
  get waitingBytes(): number {
    return bytesOf(this.#prompts.waiting);
  }

  list(): PromptList {
    return this.#prompts.list();
  }

  /** The prompt, once it and its run are over, or `waitMs` have passed. @throws PisyncError `no-such-prompt`. */
  async get(id: PromptId, waitMs: number): Promise<PromptRecord> {
    await this.#prompts.until(id, (prompt) => isOver(prompt) && prompt.run !== "going", waitMs);
    return this.#prompts.record(id);
  }

  /** @throws PisyncError `no-such-prompt`, `prompt-ended`, also of one that is with pi. */
  async cancel(id: PromptId): Promise<PromptRecord> {
    await this.#serially(async () => {
      const prompt = this.#prompts.find(id);
      if (prompt.state !== "queued") throw alreadyOver(prompt);
      await this.#end(prompt, { outcome: "cancelled", reason: "It was cancelled." });
    });
    return this.#prompts.record(id);
  }

  /** Something that the extension reported, in order. */
  receive(message: AgentToHost): void {
    if (!isHeeded(message)) return;
    void this.#serially(async () => {
      await this.#heed(message);
      await this.#hand();
    });
  }

  disconnected(): void {
    this.#bound = false;
    this.#sent = undefined;
  }

  /**
   * A run is about to be interrupted: what waits ends with it, as with Esc in pi, and what comes now waits for its end.
   * Resolves when the run that a prompt is about to begin has begun, or after 1 s.
   */
  async interrupting(): Promise<void> {
    clearTimeout(this.#aborting);
    this.#aborting = setTimeout(() => this.#interrupted(), ABORTING_MS).unref();
    await this.#serially(() => this.#cancelWaiting(INTERRUPTED));
    const beginning = this.#prompts.waiting.find((prompt) => !this.#running && !isCommand(prompt));
    if (beginning) await this.#prompts.until(beginning.id, isOver, BEGINNING_MS);
  }

  /** The run that was to be interrupted was none (`running` is false), or may have ended by itself. */
  async interruptedRun({ running }: { running: boolean }): Promise<void> {
    await this.#serially(() => {
      if (!running || !this.#running) this.#interrupted();
      return Promise.resolve();
    });
  }

  /** Some are to be delivered by the next host. */
  get owes(): boolean {
    return this.#prompts.owed;
  }

  /** Ends everything that has no end. */
  async endAll(end: PromptEnd): Promise<void> {
    await this.#serially(async () => {
      for (const prompt of this.#prompts.waiting) await this.#end(prompt, end);
    });
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    clearTimeout(this.#aborting);
    this.disconnected();
    await this.#work;
  }

  async #take(request: PromptRequest): Promise<StoredPrompt> {
    const id = request.id ?? randomUUID();
    const digest = digestOf(request);
    const known = this.#prompts.known(id);
    if (known) return samePrompt(known, digest);
    this.#parts.requireReachable();
    const { waiting } = this.#prompts;
    requireRoom(waiting, request, this.#parts.waitingElsewhere());
    if (request.deliverAs === "now" && (!this.#bound || this.#running || waiting.length > 0)) throw busy();
    return this.#prompts.add({
      schemaVersion: 1,
      id,
      digest,
      text: request.text,
      content: request.images,
      images: request.images.length,
      deliverAs: request.deliverAs,
      disposition: "queued",
      state: "queued",
      acceptedAt: Date.now(),
      conversation: this.#parts.conversation(),
    });
  }

  async #hand(): Promise<void> {
    if (!this.#bound || this.#aborting) return;
    const next = nextPrompt(this.#prompts.all, { running: this.#running });
    if (next === undefined || next.id === this.#sent) return;
    // On disk first: when this host ends now, the next one has pi look whether it is in the conversation.
    if (next.state === "queued") await this.#prompts.change(next, { state: "handed", handedAt: Date.now() });
    const message = { type: "prompt" as const, id: next.id, file: this.#parts.store.file(next.id) };
    const before = next.state === "handed" && next.handedAt !== undefined ? { handedAt: next.handedAt } : {};
    if (this.#parts.send({ ...message, ...before })) this.#sent = next.id;
    else if (next.state === "queued") await this.#prompts.change(next, { state: "queued", handedAt: undefined });
  }

  async #heed(message: Heeded): Promise<void> {
    switch (message.type) {
      case "identity":
        this.#bound = true;
        this.#running = message.running;
        return this.#opened(message.conversationId);
      case "run-start":
        this.#running = true;
        return undefined;
      case "run-settled": {
        this.#running = false;
        await this.#prompts.endRun(message.outcome);
        const foreseen = this.#aborting !== undefined;
        this.#interrupted();
        return message.outcome === "aborted" && !foreseen ? this.#cancelWaiting(INTERRUPTED) : undefined;
      }
      case "prompt-handed":
        return this.#prompts.change(this.#prompts.find(message.id), { disposition: message.disposition });
      case "prompt-ended":
        this.#sent = undefined;
        return this.#end(this.#prompts.find(message.id), message);
      case "prompts-saved":
        return this.#prompts.saved();
    }
  }

  /** Prompts are for the conversation that was open, unless one of them opens another: the rest is for that one. */
  async #opened(conversation: string): Promise<void> {
    if (this.#conversation !== undefined && this.#conversation !== conversation) await this.#prompts.endRun("aborted");
    this.#conversation = conversation;
    const { waiting } = this.#prompts;
    const meant = waiting.some((prompt) => prompt.state === "handed" && isCommand(prompt));
    for (const prompt of waiting.filter((each) => each.conversation !== conversation)) {
      if (prompt.conversation === undefined || meant) await this.#prompts.change(prompt, { conversation });
      else await this.#end(prompt, { outcome: "cancelled", reason: ANOTHER_OPENED });
    }
  }

  async #cancelWaiting(reason: string): Promise<void> {
    const queued = this.#prompts.waiting.filter(({ state }) => state === "queued");
    for (const prompt of queued) await this.#end(prompt, { outcome: "cancelled", reason });
  }

  #interrupted(): void {
    clearTimeout(this.#aborting);
    this.#aborting = undefined;
    void this.#serially(() => this.#hand());
  }

  #end(prompt: StoredPrompt, end: PromptEnd): Promise<void> {
    if (this.#sent === prompt.id) this.#sent = undefined;
    return this.#prompts.end(prompt, end, { running: this.#running });
  }

  /** While it is this prompt's turn and pi has not said that it has it, for a second at most. */
  #whenHanded(id: PromptId): Promise<void> {
    const isSettled = (prompt: StoredPrompt) =>
      prompt.disposition !== "queued" || isOver(prompt) || this.#sent !== prompt.id;
    return this.#prompts.until(id, isSettled, HANDING_MS);
  }

  /** One change after another. What fails is logged, and thrown to who asked for it. */
  #serially<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#work.then(step);
    this.#work = done.catch((error: unknown) => this.#parts.log.warn("prompt", { reason: String(error) }));
    return done;
  }
}

const HEEDED = ["identity", "run-start", "run-settled", "prompt-handed", "prompt-ended", "prompts-saved"] as const;
type Heeded = Extract<AgentToHost, { type: (typeof HEEDED)[number] }>;

function isHeeded(message: AgentToHost): message is Heeded {
  return (HEEDED as readonly string[]).includes(message.type);
}

const INTERRUPTED = "The run was interrupted before it was delivered.";
const ANOTHER_OPENED = "Another conversation was opened before it was delivered.";

/** As a person types them: pi's own commands, an extension's, templates, and shell commands. */
function isCommand({ text }: StoredPrompt): boolean {
  return /^\s*[/!]/.test(text);
}
