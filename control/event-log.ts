import { EVENT_BOUNDS } from "../protocol/event-bounds.ts";
import { EVENT_VERSION, type EventData, type EventEnvelope } from "../protocol/events.ts";
import type { History, HistoryQuery } from "../protocol/events.ts";
import { compact } from "./event-compact.ts";

/** Something that happened. */
export interface Happening {
  event: string;
  /** Milliseconds since the epoch. */
  at: number;
  data: EventData;
  /** `data` had so many bytes, about, and was cut before it came here. */
  originalBytes?: number | undefined;
}

/** An event in memory. */
export interface LoggedEvent {
  readonly seq: number;
  readonly event: string;
  readonly at: number;
  /** The compact envelope. */
  readonly json: string;
  readonly bytes: number;
}

export interface EventLogParts {
  session: string;
  counter: { readonly last: number; next(): number };
  spill: {
    keep(seq: number, json: string): void;
    read(seq: number): Promise<string | undefined>;
    forget(seq: number): void;
  };
  /** Of all events in memory, compact. */
  historyBytes: number;
}

/**
 * The newest events of a session in compact form, at most 500 and so many bytes of them; where that leaves something out, the
 * spill has the whole.
 */
export class EventLog {
  readonly #parts: EventLogParts;
  readonly #events: LoggedEvent[] = [];
  readonly #listeners = new Set<() => void>();
  /** The number before the first event of this log. */
  readonly begin: number;
  #bytes = 0;

  constructor(parts: EventLogParts) {
    this.#parts = parts;
    this.begin = parts.counter.last;
  }

  /** The number of the newest event of the session, kept or not; 0 when there was none. */
  get newest(): number {
    return this.#parts.counter.last;
  }

  /** The number of the oldest event that is kept; 0 when none is. */
  get oldest(): number {
    return this.#events[0]?.seq ?? 0;
  }

  /** What is kept, the oldest first. */
  get kept(): readonly LoggedEvent[] {
    return this.#events;
  }

  append({ event, at, data, originalBytes }: Happening): EventEnvelope {
    const { session, counter, spill } = this.#parts;
    const seq = counter.next();
    const head = { v: EVENT_VERSION, seq, id: `${session}:${seq}`, at, session, event } as const;
    const short = compact(data);
    const wholeJson = originalBytes === undefined && !short.isCut ? "" : JSON.stringify(data);
    const size = originalBytes ?? Buffer.byteLength(wholeJson);
    const cut = { truncated: true, originalBytes: size } as const;
    const envelope: EventEnvelope = { ...head, data: short.data, ...(wholeJson === "" ? {} : cut) };
    if (short.isCut) spill.keep(seq, JSON.stringify({ ...head, data, ...(originalBytes === undefined ? {} : cut) }));
    this.#keep(seq, event, at, JSON.stringify(envelope));
    for (const listener of this.#listeners) listener();
    return envelope;
  }

  /** The oldest kept event behind that number. */
  after(seq: number): LoggedEvent | undefined {
    const events = this.#events;
    const newest = events.at(-1);
    if (newest === undefined || newest.seq <= seq) return undefined;
    // The numbers in memory have no jumps: one after a crash comes before the first event of the next host.
    return events[Math.max(0, seq + 1 - (events[0] as LoggedEvent).seq)];
  }

  /** The whole envelope as JSON, or the compact one where that is all there is. */
  async whole({ seq, json }: LoggedEvent): Promise<string> {
    return (await this.#parts.spill.read(seq)) ?? json;
  }

  async history(query: HistoryQuery): Promise<Omit<History, "schemaVersion" | "session">> {
    const { newest, oldest } = this;
    const matching = this.#events.filter(
      ({ seq, event, at }) =>
        (query.event?.includes(event) ?? true) &&
        (query.since === undefined || at >= query.since) &&
        (query.after === undefined || seq > query.after),
    );
    const chosen: EventEnvelope[] = [];
    let bytes = 0;
    for (const logged of matching.slice(-query.limit).reverse()) {
      const json = query.raw ? await this.whole(logged) : logged.json;
      bytes += Buffer.byteLength(json);
      if (chosen.length > 0 && bytes > query["max-bytes"]) break;
      chosen.push(JSON.parse(json) as EventEnvelope);
    }
    return { events: chosen.reverse(), seq: newest, oldest, omitted: matching.length - chosen.length };
  }

  /** Calls back after each new event until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #keep(seq: number, event: string, at: number, json: string): void {
    const bytes = Buffer.byteLength(json);
    this.#events.push({ seq, event, at, json, bytes });
    this.#bytes += bytes;
    while (this.#events.length > EVENT_BOUNDS.events || this.#bytes > this.#parts.historyBytes) {
      const oldest = this.#events.shift();
      if (!oldest) return;
      this.#bytes -= oldest.bytes;
      this.#parts.spill.forget(oldest.seq);
    }
  }
}
