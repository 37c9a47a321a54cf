import type { Conversation, Degraded, HostState, SessionRecord, Status } from "../protocol/session.ts";
import { writeJsonFile } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";

/** The part of the state that somebody else owns and is asked for when needed. */
export type TerminalFacts = Pick<HostState, "views" | "size">;

/**
 * What this host knows about its session: the authority while it lives. Every change reaches the session
 * record on disk, in order, and the listeners.
 */
export class SessionState {
  readonly #recordFile: string;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  #record: SessionRecord;
  #status: Status | undefined;
  #running = false;
  #degraded: Degraded | undefined;
  #terminalFacts: () => TerminalFacts;
  #written: Promise<void> = Promise.resolve();
  #writeDue = false;

  constructor(recordFile: string, record: SessionRecord, terminalFacts: TerminalFacts, log: Log) {
    this.#recordFile = recordFile;
    this.#record = record;
    this.#terminalFacts = () => terminalFacts;
    this.#log = log;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get status(): Status | undefined {
    return this.#status;
  }

  get degraded(): Degraded | undefined {
    return this.#degraded;
  }

  get conversation(): Conversation | undefined {
    return this.#record.conversation;
  }

  /** From now on views and size are asked for here. */
  set terminalFacts(facts: () => TerminalFacts) {
    this.#terminalFacts = facts;
  }

  /** A state snapshot, as sent to the daemon. */
  snapshot(): HostState {
    return {
      record: this.#record,
      ...(this.#status ? { status: this.#status } : {}),
      ...(this.#running ? { running: true } : {}),
      ...(this.#degraded ? { degraded: this.#degraded } : {}),
      ...this.#terminalFacts(),
    };
  }

  updateRecord(change: Partial<SessionRecord>): void {
    this.#record = { ...this.#record, ...change, updatedAt: Date.now() };
    this.#writeSoon();
    this.announce();
  }

  /** `running`: a run goes on, whatever the status is. */
  setStatus(status: Status | undefined, { running }: { running: boolean }): void {
    if (status === this.#status && running === this.#running) return;
    this.#status = status;
    this.#running = running;
    this.announce();
  }

  setDegraded(degraded: Degraded | undefined): void {
    this.#degraded = degraded;
    this.announce();
  }

  /** Tells the listeners that something of the snapshot has changed. */
  announce(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the record on disk is the present one, or could not be written (which is logged). */
  async saved(): Promise<void> {
    await this.#written;
  }

  #writeSoon(): void {
    if (this.#writeDue) return;
    this.#writeDue = true;
    this.#written = this.#written.then(async () => {
      this.#writeDue = false;
      try {
        await writeJsonFile(this.#recordFile, this.#record);
      } catch (error) {
        this.#log.error("record-not-written", { reason: error instanceof Error ? error.message : String(error) });
      }
    });
  }
}
