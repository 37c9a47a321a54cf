import {
  MAX_ENDED_PROMPTS,
  type PromptId,
  type PromptList,
  type PromptRecord,
  type StoredPrompt,
} from "../protocol/prompts.ts";
import type { Log } from "../runtime/log.ts";
import { ended, isOver, isOwed, recordOf, takenUp, withoutContent, type PromptEnd } from "./prompt-order.ts";
import { noSuchPrompt } from "./prompt-request.ts";
import type { PromptStore } from "./prompt-store.ts";

/** The prompts of a session: what is here is on disk, each has one end at most, and the newest ended ones stay known. */
export class PromptRecords {
  readonly #store: PromptStore;
  readonly #watchers = new Set<() => void>();
  #prompts: StoredPrompt[] = [];

  constructor(store: PromptStore) {
    this.#store = store;
  }

  async load(log: Log): Promise<void> {
    this.#prompts = await this.#store.load(log);
  }

  /** They are another agent's now, which goes back to that `conversation`, if to any. */
  takeUp(conversation: string | undefined): void {
    this.#prompts = this.#prompts.map((prompt) => takenUp(prompt, conversation));
  }

  /** In the order of acceptance. */
  get all(): readonly StoredPrompt[] {
    return this.#prompts;
  }

  get waiting(): StoredPrompt[] {
    return this.#prompts.filter((prompt) => !isOver(prompt));
  }

  /** Some are to be delivered by the next host. */
  get owed(): boolean {
    return this.#prompts.some(isOwed);
  }

  list(): PromptList {
    const over = this.#prompts.filter(isOver).map(recordOf);
    return {
      queued: this.waiting.map(recordOf),
      recent: over.sort((left, right) => (right.endedAt ?? 0) - (left.endedAt ?? 0)),
    };
  }

  known(id: PromptId): StoredPrompt | undefined {
    return this.#prompts.find((prompt) => prompt.id === id);
  }

  /** @throws PisyncError `no-such-prompt`. */
  find(id: PromptId): StoredPrompt {
    return this.known(id) ?? noSuchPrompt(id);
  }

  /** @throws PisyncError `no-such-prompt`. */
  record(id: PromptId): PromptRecord {
    return recordOf(this.find(id));
  }

  /** Resolves when it is on disk. */
  async add(prompt: Omit<StoredPrompt, "number">): Promise<StoredPrompt> {
    const numbered = { ...prompt, number: (this.#prompts.at(-1)?.number ?? 0) + 1 };
    await this.#store.save(numbered);
    this.#prompts.push(numbered);
    return numbered;
  }

  async change(prompt: StoredPrompt, change: Partial<StoredPrompt>): Promise<void> {
    const changed = { ...prompt, ...change };
    this.#prompts = this.#prompts.map((each) => (each.id === prompt.id ? changed : each));
    await this.#store.save(changed);
    for (const watcher of this.#watchers) watcher();
  }

  /** The first end counts. `running`: what is delivered now has come into a run. */
  async end(prompt: StoredPrompt, end: PromptEnd, { running }: { running: boolean }): Promise<void> {
    if (isOver(prompt)) return;
    const over = ended(prompt, end, Date.now());
    const run = end.outcome === "delivered" && running ? ({ run: "going" } as const) : {};
    await this.change(prompt, { ...(end.unsaved ? over : withoutContent(over)), ...run });
    const all = this.#prompts.filter(isOver);
    for (const { id } of all.slice(0, Math.max(0, all.length - MAX_ENDED_PROMPTS))) {
      this.#prompts = this.#prompts.filter((each) => each.id !== id);
      await this.#store.remove(id);
    }
  }

  /** The run has ended in which prompts were delivered. */
  async endRun(outcome: NonNullable<Exclude<StoredPrompt["run"], "going">>): Promise<void> {
    for (const prompt of this.#prompts.filter(({ run }) => run === "going"))
      await this.change(prompt, { run: outcome });
  }

  /** What was delivered is in the conversation's file. */
  async saved(): Promise<void> {
    const unsaved = this.#prompts.filter((prompt) => prompt.unsaved);
    for (const prompt of unsaved) await this.change(prompt, withoutContent(prompt));
  }

  /** Resolves at the change after which that holds of the prompt, or it is no longer known, or after `waitMs`. */
  async until(id: PromptId, holds: (prompt: StoredPrompt) => boolean, waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      const prompt = this.known(id);
      if (prompt === undefined || holds(prompt)) resolve();
    };
    const timer = setTimeout(resolve, waitMs);
    this.#watchers.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#watchers.delete(look);
  }
}
