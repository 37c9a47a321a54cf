import { randomUUID } from "node:crypto";
import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import {
  MAX_ENDED_PROMPTS,
  type PromptId,
  type PromptList,
  type PromptOutcome,
  type PromptRecord,
  type PromptRequest,
  type StoredPrompt,
} from "../protocol/prompts.ts";
import type { Log } from "../runtime/log.ts";
import {
  alreadyOver,
  busy,
  digestOf,
  noSuchPrompt,
  requireDeliverable,
  requireRoom,
  samePrompt,
} from "./prompt-request.ts";
import { ended, isOver, nextPrompt, recordOf } from "./prompt-order.ts";
import type { PromptStore } from "./prompt-store.ts";

/** How long an accepted prompt is waited for to be with pi, so that the answer says what became of it, in ms. */
const HANDING_MS = 1_000;
/** An interrupted run has ended after this, in ms; if not, prompts go on all the same. */
const ABORTING_MS = 10_000;

export interface PromptQueueParts {
  store: PromptStore;
  log: Log;
  /** False when no extension is connected. */
  send(message: HostToAgent): boolean;
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
  readonly #watchers = new Set<() => void>();
  #prompts: StoredPrompt[] = [];
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
  }

  /** Takes up what the host before has left. */
  async load(): Promise<void> {
    const stored = await this.#parts.store.load(this.#parts.log);
    // A run that went on ended with the host before.
    this.#prompts = stored.map((prompt) => (prompt.run === "going" ? { ...prompt, run: "aborted" } : prompt));
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
    return recordOf(this.#find(id));
  }

  list(): PromptList {
    const [over, waiting] = [this.#prompts.filter(isOver), this.#prompts.filter((prompt) => !isOver(prompt))];
    return {
      queued: waiting.map(recordOf),
      recent: over.map(recordOf).sort((left, right) => (right.endedAt ?? 0) - (left.endedAt ?? 0)),
    };
  }

  /** The prompt, once it and its run are over, or `waitMs` have passed. @throws PisyncError `no-such-prompt`. */
  async get(id: PromptId, waitMs: number): Promise<PromptRecord> {
    await this.#until(() => isOver(this.#find(id)) && this.#find(id).run !== "going", waitMs);
    return recordOf(this.#find(id));
  }

  /** @throws PisyncError `no-such-prompt`, `prompt-ended`, also of one that is with pi. */
  async cancel(id: PromptId): Promise<PromptRecord> {
    await this.#serially(async () => {
      const prompt = this.#find(id);
      if (prompt.state !== "queued") throw alreadyOver(prompt);
      await this.#end(prompt, "cancelled", "It was cancelled.");
    });
    return recordOf(this.#find(id));
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

  /** A run is about to be interrupted: what waits ends with it, as with Esc in pi, and what comes now waits for its end. */
  async interrupting(): Promise<void> {
    clearTimeout(this.#aborting);
    this.#aborting = setTimeout(() => this.#interrupted(), ABORTING_MS).unref();
    await this.#serially(() => this.#cancelWaiting(INTERRUPTED));
  }

  /** There was no run to interrupt. */
  nothingToInterrupt(): void {
    this.#interrupted();
  }

  /** Ends everything that has no end. */
  async endAll(outcome: PromptOutcome, reason: string): Promise<void> {
    await this.#serially(async () => {
      for (const prompt of this.#prompts.filter((each) => !isOver(each))) await this.#end(prompt, outcome, reason);
    });
  }

  close(): void {
    clearTimeout(this.#aborting);
    this.disconnected();
  }

  async #take(request: PromptRequest): Promise<StoredPrompt> {
    const id = request.id ?? randomUUID();
    const digest = digestOf(request);
    const known = this.#prompts.find((prompt) => prompt.id === id);
    if (known) return samePrompt(known, digest);
    this.#parts.requireReachable();
    const waiting = this.#prompts.filter((prompt) => !isOver(prompt));
    requireRoom(waiting, request);
    if (request.deliverAs === "now" && (!this.#bound || this.#running || waiting.length > 0)) throw busy();
    const prompt: StoredPrompt = {
      schemaVersion: 1,
      id,
      number: (this.#prompts.at(-1)?.number ?? 0) + 1,
      digest,
      text: request.text,
      content: request.images,
      images: request.images.length,
      deliverAs: request.deliverAs,
      disposition: "queued",
      state: "queued",
      acceptedAt: Date.now(),
      conversation: this.#parts.conversation(),
    };
    await this.#parts.store.save(prompt);
    this.#prompts.push(prompt);
    return prompt;
  }

  async #hand(): Promise<void> {
    if (!this.#bound || this.#aborting) return;
    const next = nextPrompt(this.#prompts, { running: this.#running });
    if (next === undefined || next.id === this.#sent) return;
    // On disk first: when this host ends now, the next one has pi look whether it is in the conversation.
    if (next.state === "queued") await this.#change(next, { state: "handed", handedAt: Date.now() });
    const message = { type: "prompt" as const, id: next.id, file: this.#parts.store.file(next.id) };
    const before = next.state === "handed" && next.handedAt !== undefined ? { handedAt: next.handedAt } : {};
    if (this.#parts.send({ ...message, ...before })) this.#sent = next.id;
    else if (next.state === "queued") await this.#change(this.#find(next.id), { state: "queued", handedAt: undefined });
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
        await this.#endRun(message.outcome);
        const foreseen = this.#aborting !== undefined;
        this.#interrupted();
        return message.outcome === "aborted" && !foreseen ? this.#cancelWaiting(INTERRUPTED) : undefined;
      }
      case "prompt-handed":
        return this.#change(this.#find(message.id), { disposition: message.disposition });
      case "prompt-ended":
        this.#sent = undefined;
        return this.#end(this.#find(message.id), message.outcome, message.reason);
    }
  }

  /** Prompts are for the conversation that was open, unless one of them opens another: the rest is for that one. */
  async #opened(conversation: string): Promise<void> {
    if (this.#conversation !== undefined && this.#conversation !== conversation) await this.#endRun("aborted");
    this.#conversation = conversation;
    const handed = this.#prompts.find(({ state }) => state === "handed");
    const meant = handed !== undefined && isCommand(handed);
    for (const prompt of this.#prompts.filter((each) => !isOver(each) && each.conversation !== conversation)) {
      if (prompt.conversation === undefined || meant) await this.#change(prompt, { conversation });
      else await this.#end(prompt, "cancelled", "Another conversation was opened before it was delivered.");
    }
  }

  async #endRun(outcome: "done" | "aborted" | "error"): Promise<void> {
    for (const prompt of this.#prompts.filter(({ run }) => run === "going"))
      await this.#change(prompt, { run: outcome });
  }

  async #cancelWaiting(reason: string): Promise<void> {
    for (const prompt of this.#prompts.filter(({ state }) => state === "queued")) {
      await this.#end(prompt, "cancelled", reason);
    }
  }

  #interrupted(): void {
    clearTimeout(this.#aborting);
    this.#aborting = undefined;
    void this.#serially(() => this.#hand());
  }

  async #end(prompt: StoredPrompt, outcome: PromptOutcome, reason: string | undefined): Promise<void> {
    if (isOver(prompt)) return;
    if (this.#sent === prompt.id) this.#sent = undefined;
    const run = outcome === "delivered" && this.#running ? ({ run: "going" } as const) : {};
    await this.#change(prompt, { ...ended(prompt, outcome, reason, Date.now()), ...run });
    const over = this.#prompts.filter(isOver);
    for (const { id } of over.slice(0, Math.max(0, over.length - MAX_ENDED_PROMPTS))) {
      this.#prompts = this.#prompts.filter((each) => each.id !== id);
      await this.#parts.store.remove(id);
    }
  }

  async #change(prompt: StoredPrompt, change: Partial<StoredPrompt>): Promise<void> {
    const changed = { ...prompt, ...change };
    this.#prompts = this.#prompts.map((each) => (each.id === prompt.id ? changed : each));
    await this.#parts.store.save(changed);
    for (const watcher of this.#watchers) watcher();
  }

  /** While it is this prompt's turn and pi has not said that it has it, for a second at most. */
  #whenHanded(id: PromptId): Promise<void> {
    const settled = () => this.#find(id).disposition !== "queued" || isOver(this.#find(id)) || this.#sent !== id;
    return this.#until(settled, HANDING_MS);
  }

  async #until(settled: () => boolean, waitMs: number): Promise<void> {
    if (settled()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => settled() && resolve();
    const timer = setTimeout(resolve, waitMs);
    this.#watchers.add(look);
    await promise;
    clearTimeout(timer);
    this.#watchers.delete(look);
  }

  #find(id: PromptId): StoredPrompt {
    return this.#prompts.find((prompt) => prompt.id === id) ?? noSuchPrompt(id);
  }

  /** One change after another. What fails is logged, and thrown to who asked for it. */
  #serially<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#work.then(step);
    this.#work = done.catch((error: unknown) => this.#parts.log.warn("prompt", { reason: String(error) }));
    return done;
  }
}

const HEEDED = ["identity", "run-start", "run-settled", "prompt-handed", "prompt-ended"] as const;
type Heeded = Extract<AgentToHost, { type: (typeof HEEDED)[number] }>;

function isHeeded(message: AgentToHost): message is Heeded {
  return (HEEDED as readonly string[]).includes(message.type);
}

const INTERRUPTED = "The run was interrupted before it was delivered.";

/** As a person types them: pi's own commands, an extension's, templates, and shell commands. */
function isCommand({ text }: StoredPrompt): boolean {
  return /^\s*[/!]/.test(text);
}
