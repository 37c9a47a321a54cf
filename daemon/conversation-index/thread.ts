import { parentPort, workerData } from "node:worker_threads";
import type { ConversationReader } from "../../adapters/agents/conversation-adapter.ts";
import { PisyncError } from "../../runtime/failure.ts";
import type { LogFacts } from "../../runtime/log.ts";
import { IdleMemory } from "../../runtime/idle-memory.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { Catalogue } from "./catalogue.ts";
import type { FoundConversation, IndexReport, IndexRequest, IndexThreadData } from "./messages.ts";
import { Scanner } from "./scanner.ts";
import { recentText, searchConversations } from "./text-search.ts";
import { StateReporter, type ThreadState } from "./index-state.ts";
import { Storage } from "./storage.ts";
import { TextIndex } from "./text-index.ts";
import { Watching } from "./watching.ts";
import { StoreFailure } from "./store.ts";

/** The thread works for so long before it takes what has happened meanwhile. */
const TURN_MS = 12;
/** What a millisecond of reading leaves behind, about. */
const GARBAGE_A_MS = 64 * 1024;
/** What happens within this time is looked at together; a file that grows all the time is, this often. */
const GATHER_MS = 4;
const BETWEEN_TURNS_MS = 10;
/** What a crash loses of the work; it is done again. */
const COMMIT_AFTER_MS = 1_000;

/** A conversation that grows is made searchable at each tick. */
const TICK_MS = 1_000;
/** Everything is looked at this often, in ticks, because a system may fail to report something. */
const SWEEP_TICKS = 60;
/** Where nothing is reported: everything, and what is likely to have changed. */
const POLLED_SWEEP_TICKS = 10;
const POLL_TICKS = 2;
const RETRY_TICKS = 5;

/** Makes this thread the index thread, until it is asked to close. */
export function runIndexThread(reader: ConversationReader): void {
  const port = parentPort;
  if (port === null) throw new Error("The index runs in a thread of the daemon.");
  const thread = new IndexThread(reader, workerData as IndexThreadData, (report) => port.postMessage(report));
  port.on("message", (request: IndexRequest) => {
    if (request.ask === "close") void thread.close().finally(() => port.close());
    else thread.handle(request);
  });
}

/** Finds, reads, watches and searches conversations, in short turns, so that what is new is told at once. */
class IndexThread {
  readonly #reader: ConversationReader;
  readonly #report: (report: IndexReport) => void;
  readonly #storage: Storage;
  readonly #catalogue: Catalogue;
  readonly #scanner: Scanner;
  readonly #text: TextIndex;
  readonly #state: StateReporter;
  readonly #memory = new IdleMemory();
  readonly #ticker: NodeJS.Timeout;
  readonly #watching: Watching;
  #scanned = false;
  #links: [string, string][] = [];
  #ticks = 0;
  #turnEndedAt = 0;
  #turn: NodeJS.Timeout | undefined;
  #nextTurn: NodeJS.Immediate | undefined;
  #commit: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    reader: ConversationReader,
    { stateDirectory, roots }: IndexThreadData,
    report: (report: IndexReport) => void,
  ) {
    this.#reader = reader;
    this.#report = report;
    const warn = (event: string, facts: LogFacts) => report({ tell: "log", level: "warn", event, facts });
    this.#storage = new Storage(stateDirectory, warn);
    this.#catalogue = new Catalogue(reader, this.#storage.store, {
      onText: (path) => this.#text.add(path),
      onUnreadable: (path, reason) => warn("conversation-not-read", { path, reason }),
    });
    this.#scanner = new Scanner((name) => reader.isConversationFile(name), this.#catalogue, {
      onLink: (from, to) => this.#links.push([from, to]),
      onReplaced: (folder) => this.#watching.renew(folder),
    });
    this.#watching = new Watching({
      onEvent: (folder, name) => {
        this.#scanner.happened(folder, name);
        this.#soon();
      },
      onWatched: (folders) => {
        this.#scanner.relist(folders);
        this.#soon();
      },
      onRefused: (code) => warn("index-watch-refused", { code }),
    });
    this.#text = new TextIndex(reader, this.#catalogue);
    this.#state = new StateReporter({
      phase: () => this.#phase(),
      look: () => this.#lookAtState(),
      tell: (state) => report({ tell: "state", state }),
    });
    for (const root of roots) this.#scanner.add(root);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#startOver();
  }

  handle(request: Exclude<IndexRequest, { ask: "close" }>): void {
    switch (request.ask) {
      case "watch":
        this.#scanner.add(request.root);
        return this.#soon();
      case "search":
        return this.#answer(request.id, () => this.#search(request.words, request.limit));
      case "recent-text":
        return this.#answer(request.id, () => recentText(this.#reader, request.path, request.maxBytes));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#memory.close();
    for (const timer of [this.#turn, this.#commit]) clearTimeout(timer);
    clearImmediate(this.#nextTurn);
    this.#state.close();
    this.#storage.close();
    await this.#watching.close();
  }

  #search(words: string, limit: number): FoundConversation[] {
    const { store, unavailable } = this.#storage;
    if (unavailable !== undefined) throw unavailable;
    return searchConversations(store, this.#reader, words, limit);
  }

  #answer(id: number, work: () => FoundConversation[] | string): void {
    try {
      this.#report({ tell: "answer", id, answer: work() });
    } catch (error) {
      if (error instanceof StoreFailure) this.#replaceStore(error);
      const refusal = error instanceof StoreFailure ? this.#failedSearch(error) : error;
      const known = refusal instanceof PisyncError ? refusal : new PisyncError("internal", errorText(refusal));
      this.#report({ tell: "refusal", id, refusal: known.toBody() });
    }
  }

  #failedSearch(failure: StoreFailure): PisyncError {
    if (this.#storage.unavailable !== undefined) return this.#storage.unavailable;
    return new PisyncError("store-unavailable", `The index of conversations failed: ${errorText(failure)}.`, {
      next: "It is being built anew; search again in a moment.",
    });
  }

  /** Takes a turn a little later, so that what comes together is looked at together. */
  #soon(): void {
    if (this.#turn !== undefined || this.#nextTurn !== undefined || this.#closed) return;
    const pauseMs = this.#turnEndedAt + BETWEEN_TURNS_MS - performance.now();
    this.#turn = setTimeout(() => this.#takeTurn(), Math.max(GATHER_MS, pauseMs));
  }

  #takeTurn(): void {
    clearTimeout(this.#turn);
    clearImmediate(this.#nextTurn);
    this.#turn = this.#nextTurn = undefined;
    const began = performance.now();
    try {
      while (performance.now() < began + TURN_MS && this.#step());
      this.#tell();
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#replaceStore(error);
    }
    this.#turnEndedAt = performance.now();
    this.#memory.worked((this.#turnEndedAt - began) * GARBAGE_A_MS);
    const { store } = this.#storage;
    if (store.uncommitted) this.#commit ??= setTimeout(() => this.#commitNow(), COMMIT_AFTER_MS);
    if (this.#isBusy()) this.#nextTurn = setImmediate(() => this.#takeTurn());
  }

  #isBusy(): boolean {
    return !this.#scanner.idle || !this.#scanned || (this.#storage.store.durable && !this.#text.idle);
  }

  #step(): boolean {
    const { store } = this.#storage;
    if (this.#scanner.step()) return true;
    if (!this.#scanned) this.#endFirstScan();
    else if (store.durable && !this.#text.idle) this.#text.step(store);
    else return false;
    return true;
  }

  #endFirstScan(): void {
    this.#scanned = true;
    this.#tellFiles();
    this.#text.addAll();
    this.#state.changed();
    this.#report({ tell: "scanned" });
    void this.#watching.start(this.#scanner.watchable);
  }

  #tell(): void {
    this.#tellFiles();
    this.#watching.watchOnly(this.#scanner.watchable);
    this.#state.changed();
  }

  #tellFiles(): void {
    if (this.#links.length > 0) this.#report({ tell: "links", links: this.#links });
    this.#links = [];
    const told = this.#catalogue.takeTold();
    if (told !== undefined) this.#report({ tell: "files", ...told });
  }

  #commitNow(): void {
    this.#commit = undefined;
    try {
      this.#storage.store.commit();
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#replaceStore(error);
    }
  }

  #replaceStore(failure: StoreFailure): void {
    this.#storage.replace(failure);
    this.#startOver();
  }

  /** Everything is looked at, with the present store. What was told before stays told meanwhile. */
  #startOver(): void {
    try {
      this.#catalogue.use(this.#storage.store);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      return this.#replaceStore(error);
    }
    this.#scanned = false;
    this.#scanner.sweep();
    this.#soon();
  }

  #tick(): void {
    this.#ticks += 1;
    const every = (ticks: number) => this.#ticks % ticks === 0;
    if (every(RETRY_TICKS) && this.#storage.retry()) this.#startOver();
    this.#scanner.seekMissing();
    if (this.#scanned && !this.#scanner.sweeping) {
      if (every(this.#watching.polls ? POLLED_SWEEP_TICKS : SWEEP_TICKS)) this.#sweep();
      else if (this.#watching.polls && every(POLL_TICKS)) this.#scanner.poll();
    }
    if (this.#scanned) this.#text.ripen();
    if (this.#isBusy()) this.#soon();
    this.#state.changed();
  }

  #sweep(): void {
    this.#scanner.purge();
    this.#scanner.sweep();
  }

  #phase(): Pick<ThreadState, "state"> & { searchable: boolean } {
    const { durable } = this.#storage.store;
    return {
      state: !durable ? "unavailable" : this.#scanned ? "ready" : "scanning",
      searchable: !durable || this.#text.complete,
    };
  }

  #lookAtState(): Omit<ThreadState, "since" | "state"> {
    return {
      ...this.#scanner.progress,
      textPendingBytes: this.#storage.store.durable ? this.#text.pendingBytes : 0,
      troubles: [
        ...this.#storage.troubles,
        ...this.#watching.troubles,
        ...this.#fileTroubles(),
        ...this.#scanner.troubles,
      ],
    };
  }

  #fileTroubles(): string[] {
    const { unreadable } = this.#catalogue;
    if (unreadable === 0) return [];
    const files = unreadable === 1 ? "One conversation is" : `${unreadable} conversations are`;
    return [`${files} not listed: the file cannot be read. The daemon's log names what is wrong.`];
  }
}
