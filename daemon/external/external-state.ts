import type { ControlledSession } from "../../control/agent-control.ts";
import type { AgentToHost, HostToAgent } from "../../protocol/agent-channel.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { HostState, SessionRecord } from "../../protocol/session.ts";
import type { ExternalReport } from "./external-sessions.ts";

/** An extension that lost its daemon looks for the next one at least every 2 s: who asks for something waits for that. */
export const RECONNECT_MS = 3_000;
/** One that is not there after this has gone, or its pi is stopped. */
const GONE_MS = 10_000;

/** Where a connected extension is told something. */
export interface ExternalAddress {
  send(message: HostToAgent): void;
}

/** What is known of a pi that pisync did not start, as far as it is controlled, and whether it can be told anything. */
export class ExternalState implements ControlledSession {
  readonly #listeners = new Set<() => void>();
  #record: SessionRecord;
  #report: ExternalReport | undefined;
  #running = false;
  #address: ExternalAddress | undefined;
  #lostAt = Date.now();
  #arrival = Promise.withResolvers<void>();

  /** `startedAt` is when the process began. */
  constructor(id: SessionId, cwd: string, startedAt: number) {
    const dates = { createdAt: startedAt, updatedAt: startedAt };
    this.#record = { schemaVersion: 1, id, agent: "pi", generation: 1, argv: ["pi"], cwd, ...dates };
  }

  get connected(): boolean {
    return this.#address !== undefined;
  }

  /** Resolves when the extension is connected, or has had the time to connect again since it was lost. */
  async whenConnected(): Promise<void> {
    const patience = this.#lostAt + RECONNECT_MS - Date.now();
    if (this.connected || patience <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience).unref();
    await Promise.race([promise, this.#arrival.promise]);
    clearTimeout(timer);
  }

  connect(address: ExternalAddress): void {
    this.#address = address;
    this.#arrival.resolve();
  }

  /** False when a newer connection is there already. */
  disconnect(address: ExternalAddress): boolean {
    if (this.#address !== address) return false;
    this.#address = undefined;
    this.#lostAt = Date.now();
    this.#arrival = Promise.withResolvers();
    return true;
  }

  /** False when no extension is connected. */
  send(message: HostToAgent): boolean {
    this.#address?.send(message);
    return this.#address !== undefined;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Takes what the extension says of runs. */
  receive(message: AgentToHost): void {
    if (message.type === "identity") this.#running = message.running;
    if (message.type === "run-start") this.#running = true;
    if (message.type === "run-settled") this.#running = false;
  }

  /** Takes what the extension says of itself. */
  take(report: ExternalReport | undefined): void {
    if (report === undefined || report === this.#report) return;
    this.#report = report;
    const { conversation, name, firstMessage } = report;
    const facts = { conversation, name, firstMessage, attribution: { evidence: "extension" } } as const;
    this.#record = { ...this.#record, ...facts, updatedAt: Date.now() };
    for (const listener of this.#listeners) listener();
  }

  snapshot(): Omit<HostState, "size"> {
    const silent = !this.connected && Date.now() > this.#lostAt + GONE_MS;
    const status = silent ? undefined : this.#report?.status;
    return {
      record: this.#record,
      ...(status && { status }),
      ...(this.#running && { running: true }),
      ...(silent && { degraded: SILENT }),
      views: [],
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const SILENT = {
  reason: "not-connected",
  detail: "pi runs, but the pisync extension in it has stopped reporting.",
} as const;
