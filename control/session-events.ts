import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AgentToHost, HostToAgent } from "../protocol/agent-channel.ts";
import {
  EmitRequest,
  HistoryQuery,
  MessagesQuery,
  type AgentFacts,
  type EventData,
  type EventEnvelope,
  type History,
  type LogSnapshot,
} from "../protocol/events.ts";
import type { Ending, Status } from "../protocol/session.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { Router } from "../runtime/http-router.ts";
import { parseValue } from "../runtime/json-file.ts";
import type { ControlledSession } from "./agent-control.ts";
import { agentFactsAfter } from "./agent-facts.ts";
import { EventCounter } from "./event-counter.ts";
import { EventLog, type LoggedEvent } from "./event-log.ts";
import { EventReaders } from "./event-readers.ts";
import { EventSpill } from "./event-spill.ts";
import { Messages } from "./messages.ts";
import { tellAgent } from "./tell-agent.ts";

export interface SessionEventsParts {
  session: ControlledSession;
  /** False when no extension is connected. */
  send: (message: HostToAgent) => boolean;
  /** The session, or its next generation, begins; false when its log is taken up in the middle. */
  begins: boolean;
  bounds: LogBounds;
}

/** What one session's log may take, in bytes. */
export interface LogBounds {
  /** In memory. */
  historyBytes: number;
  /** On disk. */
  spillBytes: number;
}

/** Everything that happens in a session, for those who watch it from outside. */
export class SessionEvents {
  readonly log: EventLog;
  readonly messages: Messages;
  readonly #session: ControlledSession;
  readonly #id: SessionId;
  readonly #counter: EventCounter;
  readonly #spill: EventSpill;
  readonly #readers: EventReaders;
  readonly #unsubscribe: () => void;
  #facts: AgentFacts = {};
  #status: Status | undefined;

  /** Use openSessionEvents(). */
  constructor(directory: string, { session, send, begins, bounds }: SessionEventsParts) {
    const { id, generation, argv } = session.snapshot().record;
    this.#session = session;
    this.#id = id;
    this.#counter = new EventCounter(directory);
    this.#spill = new EventSpill(directory, bounds.spillBytes);
    this.log = new EventLog({
      session: id,
      counter: this.#counter,
      spill: this.#spill,
      historyBytes: bounds.historyBytes,
    });
    this.#readers = new EventReaders(this.log, () => this.snapshot());
    this.messages = new Messages(tellAgent(send, () => session.snapshot().record));
    this.#unsubscribe = session.subscribe(() => this.#noticeStatus());
    const { skipped } = this.#counter;
    if (skipped) this.append("lost", { to: skipped.to, reason: LOST });
    if (begins) this.append("host_start", { generation, argv });
    this.#noticeStatus();
  }

  /** The session's state with the number of the last event that is in it. */
  snapshot(): LogSnapshot {
    return { ...this.#session.snapshot(), seq: this.log.newest, facts: this.#facts };
  }

  /** Hands out each event of this log as it stands in the stream, compact: what there is now, and from then on. */
  follow(onEvent: (logged: LoggedEvent) => void): void {
    let seq = this.log.begin;
    const handOut = () => {
      for (let next = this.log.after(seq); next; next = this.log.after(seq)) {
        seq = next.seq;
        onEvent(next);
      }
    };
    this.log.subscribe(handOut);
    handOut();
  }

  append(event: string, data: EventData): EventEnvelope {
    return this.log.append({ event, data, at: Date.now() });
  }

  /** Takes what the extension says, in its order. */
  receive(message: AgentToHost): void {
    if (message.type === "event") {
      this.#facts = agentFactsAfter(this.#facts, message.event, message.data);
      this.log.append(message);
    }
    if (message.type === "answer") this.messages.receive(message);
    if (message.type === "run-start") this.append("run_start", {});
    if (message.type === "run-settled") this.append("run_end", { outcome: message.outcome, error: message.error });
  }

  /** Adds the requests of protocol/events.ts. */
  addRoutes(router: Router): Router {
    return router
      .get("/v1/log", (request) => this.#readers.serve(request))
      .get("/v1/history", async ({ query }): Promise<History> => {
        const found = await this.log.history(parseValue(query, HistoryQuery, "The query"));
        return { schemaVersion: 1, session: this.#id, ...found };
      })
      .get("/v1/messages", ({ query }) => this.messages.page(parseValue(query, MessagesQuery, "The query")))
      .get("/v1/commands", () => this.messages.commands())
      .post("/v1/emit", async ({ body }) => this.append("emit", await body(EmitRequest)));
  }

  /**
   * Readers get what there is and their streams end. Without an ending somebody else goes on with the session; what is
   * said meanwhile is lost, which the log tells then.
   */
  async close(ending?: Partial<Ending>): Promise<void> {
    this.#unsubscribe();
    if (ending) {
      const { exitCode, signal, cause, interrupted } = ending;
      this.append("host_end", { cause, exitCode, signal, interrupted });
      this.#counter.close();
    }
    this.#readers.close();
    await this.#spill.close();
  }

  #noticeStatus(): void {
    const { status } = this.#session.snapshot();
    if (status === undefined || status === this.#status) return;
    const { state, since, source, error } = status;
    if (state === this.#status?.state && since === this.#status.since && error === this.#status.error) return;
    this.#status = status;
    this.append("status", { state, since, source, error });
  }
}

const LOST = "Whoever kept this log before was gone for a while; what was said meanwhile may be missing.";

/** `sessionDirectory` exists. */
export async function openSessionEvents(sessionDirectory: string, parts: SessionEventsParts): Promise<SessionEvents> {
  const directory = join(sessionDirectory, "events");
  await mkdir(directory, { mode: 0o700, recursive: true });
  return new SessionEvents(directory, parts);
}
