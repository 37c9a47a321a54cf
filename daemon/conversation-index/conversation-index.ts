import { Worker } from "node:worker_threads";
import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import type { IndexState } from "../../protocol/daemon-state.ts";
import type { SearchQuery } from "../../protocol/search.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { IdleMemory } from "../../runtime/idle-memory.ts";
import type { Log } from "../../runtime/log.ts";
import { errorText, plainText } from "../../runtime/sanitise.ts";
import type { FoundConversation, IndexReport, IndexRequest, IndexThreadData } from "./messages.ts";
import { KnownConversations, type IndexChange, type IndexedConversation } from "./known-conversations.ts";
import { within } from "../within.ts";

export type { IndexChange, IndexedConversation };

/** Bounds of the thread's heap, so that a defect in it cannot take the machine's memory. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };
/** A thread that ended by itself is started again after this, and later each time that this did not help. */
const RESTART_MS = 1_000;
const MAX_RESTART_MS = 60_000;
const CLOSE_MS = 5_000;
/** Places beside the usual ones, which sessions and launches lead to: each costs a watch and a look now and then. */
const MAX_FURTHER_PLACES = 512;
/** How long a question to the thread may take. */
const ANSWER_MS = 10_000;

/** What the daemon knows of all conversations on the machine, kept up to date by the index thread. */
export interface ConversationIndex {
  all(): Iterable<IndexedConversation>;
  /** By any path that leads to it through the places that are watched. */
  get(path: string): IndexedConversation | undefined;
  /** Usually one; the one with the newest activity first. */
  byId(id: string): readonly IndexedConversation[];
  onChange(listener: (change: IndexChange) => void): () => void;
  state(): IndexState;
  onState(listener: () => void): () => void;
  /** @throws PisyncError `store-newer`, `store-unavailable`, `timed-out`. */
  search(query: SearchQuery): Promise<FoundConversation[]>;
  /** What was said last, plain, one passage a line; "" when nothing is known. Never rejects. */
  recentText(path: string, maxBytes: number): Promise<string>;
  /** A further place, unless there are 512: then `state` says so. */
  watch(root: ConversationRoot): void;
  /** Resolves when every conversation has been read once, or on `close`. Never rejects. */
  whenScanned(): Promise<void>;
  close(): Promise<void>;
}

export interface ConversationIndexOptions {
  /** Exists and is private. */
  stateDirectory: string;
  log: Log;
  roots: readonly ConversationRoot[];
  /** The index thread's program. */
  threadProgram: string;
}

/** Starts the index thread. */
export function createConversationIndex(options: ConversationIndexOptions): ConversationIndex {
  return new ThreadedIndex(options);
}

type ThreadState = Omit<IndexState, "conversations">;
type Answer = FoundConversation[] | string;

class ThreadedIndex implements ConversationIndex {
  readonly #options: ConversationIndexOptions;
  readonly #roots: ConversationRoot[];
  readonly #known = new KnownConversations();
  readonly #memory = new IdleMemory();
  readonly #changeListeners = new Set<(change: IndexChange) => void>();
  readonly #stateListeners = new Set<() => void>();
  readonly #questions = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #scanned = Promise.withResolvers<void>();
  #state: ThreadState;
  /** Says which place was the first of too many. */
  #leftOut: string | undefined;
  #lastQuestion = 0;
  #restartMs = RESTART_MS;
  #restart: NodeJS.Timeout | undefined;
  #thread: Worker;
  #ended: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: ConversationIndexOptions) {
    this.#options = options;
    this.#roots = [...options.roots];
    this.#state = { state: "scanning", scanned: 0, found: 0, since: Date.now(), textPendingBytes: 0, troubles: [] };
    this.#thread = this.#start();
  }

  all(): Iterable<IndexedConversation> {
    return this.#known.all();
  }

  get(path: string): IndexedConversation | undefined {
    return this.#known.get(path);
  }

  byId(id: string): readonly IndexedConversation[] {
    return this.#known.byId(id);
  }

  onChange(listener: (change: IndexChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  state(): IndexState {
    const { troubles } = this.#state;
    const all = this.#leftOut === undefined ? troubles : [...troubles, this.#leftOut];
    return { ...this.#state, troubles: all, conversations: this.#known.size };
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async search({ q, limit }: SearchQuery): Promise<FoundConversation[]> {
    return (await this.#question((id) => ({ ask: "search", id, words: q, limit }))) as FoundConversation[];
  }

  async recentText(path: string, maxBytes: number): Promise<string> {
    const known = this.get(path)?.path;
    if (known === undefined) return "";
    try {
      return (await this.#question((id) => ({ ask: "recent-text", id, path: known, maxBytes }))) as string;
    } catch (error) {
      this.#options.log.warn("recent-text-failed", { path: known, reason: errorText(error) });
      return "";
    }
  }

  watch(root: ConversationRoot): void {
    if (this.#roots.some(({ path, depth }) => path === root.path && depth === root.depth)) return;
    if (this.#roots.length >= this.#options.roots.length + MAX_FURTHER_PLACES) return this.#leaveOut(root);
    this.#roots.push(root);
    this.#ask({ ask: "watch", root });
  }

  whenScanned(): Promise<void> {
    return this.#scanned.promise;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#restart);
    this.#memory.close();
    this.#refuseQuestions();
    this.#scanned.resolve();
    this.#ask({ ask: "close" });
    if (await within(this.#ended, CLOSE_MS)) return;
    this.#options.log.warn("index-thread-stuck");
    await this.#thread.terminate();
  }

  #start(): Worker {
    const { stateDirectory, threadProgram, log } = this.#options;
    const workerData: IndexThreadData = { stateDirectory, roots: this.#roots };
    const thread = new Worker(threadProgram, { workerData, resourceLimits: THREAD_LIMITS, name: "index" });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    thread.on("message", (report: IndexReport) => this.#receive(report));
    thread.on("error", (error) => log.error("index-thread-failed", { reason: errorText(error) }));
    thread.on("exit", (code) => {
      resolve();
      if (this.#closed === undefined) this.#startAgain(code);
    });
    return thread;
  }

  /** What was told stays until the new thread has looked at everything. */
  #startAgain(code: number): void {
    this.#options.log.error("index-thread-ended", { code, startsAgainInMs: this.#restartMs });
    this.#refuseQuestions();
    this.#known.doubt();
    const troubles = ["The index of conversations failed and is started again. The daemon's log says why."];
    this.#setState({ ...this.#state, state: "unavailable", since: Date.now(), troubles });
    this.#restart = setTimeout(() => (this.#thread = this.#start()), this.#restartMs);
    this.#restartMs = Math.min(2 * this.#restartMs, MAX_RESTART_MS);
  }

  #receive(report: IndexReport): void {
    switch (report.tell) {
      case "files":
        this.#memory.worked(report.changed.reduce((bytes, [, reading]) => bytes + reading.length, 0));
        return this.#tell(this.#known.take(report.changed, report.removed));
      case "links":
        return this.#known.link(report.links);
      case "state":
        return this.#setState(report.state);
      case "scanned":
        this.#restartMs = RESTART_MS;
        this.#tell(this.#known.confirm());
        return this.#scanned.resolve();
      case "answer":
        return this.#takeQuestion(report.id)?.resolve(report.answer);
      case "refusal":
        return this.#takeQuestion(report.id)?.reject(PisyncError.fromBody(report.refusal));
      case "log":
        return this.#options.log[report.level](report.event, report.facts);
    }
  }

  #leaveOut({ path }: ConversationRoot): void {
    if (this.#leftOut !== undefined) return;
    const folder = plainText(path, { maxCells: 300 });
    this.#leftOut = `The conversations in ${folder} are not listed: ${MAX_FURTHER_PLACES} other folders are watched already.`;
    this.#options.log.warn("too-many-places", { path });
    this.#setState(this.#state);
  }

  #tell(change: IndexChange | undefined): void {
    if (change === undefined) return;
    for (const listener of this.#changeListeners) listener(change);
  }

  #setState(state: ThreadState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }

  async #question(request: (id: number) => IndexRequest): Promise<Answer> {
    if (this.#closed !== undefined) throw failed();
    const id = (this.#lastQuestion += 1);
    const answer = Promise.withResolvers<Answer>();
    this.#questions.set(id, answer);
    this.#ask(request(id));
    if (!(await within(answer.promise, ANSWER_MS))) {
      this.#takeQuestion(id);
      throw new PisyncError("timed-out", "The index of conversations did not answer in time.", { next: "Try again." });
    }
    return answer.promise;
  }

  #takeQuestion(id: number): PromiseWithResolvers<Answer> | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  #refuseQuestions(): void {
    for (const { reject } of this.#questions.values()) reject(failed());
    this.#questions.clear();
  }

  #ask(request: IndexRequest): void {
    this.#thread.postMessage(request);
  }
}

function failed(): PisyncError {
  return new PisyncError("store-unavailable", "The index of conversations is not running.", { next: "Try again." });
}
