import { GAP_EVENT, LogQuery, SNAPSHOT_EVENT, type LogGap, type LogSnapshot } from "../protocol/events.ts";
import { eventFrame, openEventSink, type EventSink } from "../runtime/event-sink.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { ApiRequest } from "../runtime/http-router.ts";
import { parseValue } from "../runtime/json-file.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";

const PING_MS = 15_000;
/** Fewer than the socket takes connections, so that a host stays reachable for views and commands. */
const MAX_READERS = 220;

type Request = Pick<ApiRequest, "headers" | "query" | "response">;

/**
 * `GET /v1/log`: readers of the event log. Each has its own place in the log and is sent the next event when it has
 * taken those before: a slow one costs no memory, and one that falls out of the log is told what it missed.
 */
export class EventReaders {
  readonly #log: EventLog;
  readonly #snapshot: () => LogSnapshot;
  readonly #readers = new Set<Reader>();
  readonly #pingMs: number;
  readonly #unsubscribe: () => void;
  /** The newest frame: live readers share its bytes. */
  #shared: { seq: number; frame: Buffer } | undefined;

  constructor(log: EventLog, snapshot: () => LogSnapshot, { pingMs = PING_MS }: { pingMs?: number } = {}) {
    this.#log = log;
    this.#snapshot = snapshot;
    this.#pingMs = pingMs;
    this.#unsubscribe = log.subscribe(() => {
      for (const reader of this.#readers) reader.advance();
    });
  }

  get count(): number {
    return this.#readers.size;
  }

  /** Answers one reader, until it is gone. @throws PisyncError `malformed`, `busy`. */
  serve({ headers, query, response }: Request): void {
    const { raw, event, whole } = parseValue(query, LogQuery, "The query");
    if (this.#readers.size >= MAX_READERS) {
      throw new PisyncError("busy", `The event log has ${MAX_READERS} readers, which is all it takes.`, {
        next: "Close one of them.",
      });
    }
    const sink = openEventSink(response, () => this.#readers.delete(reader), {
      pingMs: this.#pingMs,
      onDrain: () => reader.advance(),
    });
    const frameOf = raw
      ? (logged: LoggedEvent) => this.#wholeFrame(logged)
      : (logged: LoggedEvent) => this.#frame(logged);
    const reader: Reader = new Reader(sink, { log: this.#log, snapshot: this.#snapshot, frameOf, names: event });
    this.#readers.add(reader);
    reader.start(headers["last-event-id"]?.toString(), whole);
  }

  /** Ends every stream, once its reader has what there is. */
  close(): void {
    this.#unsubscribe();
    for (const reader of this.#readers) reader.close();
  }

  #frame({ seq, event, json }: LoggedEvent): Buffer {
    if (this.#shared?.seq !== seq) this.#shared = { seq, frame: eventFrame(event, json, String(seq)) };
    return this.#shared.frame;
  }

  async #wholeFrame(logged: LoggedEvent): Promise<Buffer> {
    return eventFrame(logged.event, await this.#log.whole(logged), String(logged.seq));
  }
}

interface ReaderParts {
  log: EventLog;
  snapshot: () => LogSnapshot;
  frameOf: (logged: LoggedEvent) => Buffer | Promise<Buffer>;
  names: readonly string[] | undefined;
}

class Reader {
  readonly #sink: EventSink;
  readonly #parts: ReaderParts;
  /** The last event this reader was sent, or passed over. */
  #seq = 0;
  #advancing = false;
  #closing = false;

  constructor(sink: EventSink, parts: ReaderParts) {
    this.#sink = sink;
    this.#parts = parts;
  }

  /** Goes on behind that event; or begins with the present, or with the `whole` log. */
  start(lastEventId: string | undefined, whole: boolean): void {
    const { newest, begin } = this.#parts.log;
    const seq = lastEventId === undefined || !/^\d{1,15}$/.test(lastEventId) ? undefined : Number(lastEventId);
    if (seq !== undefined && seq <= newest) this.#seq = seq;
    else {
      if (lastEventId !== undefined) this.#sayGap({ asked: plainText(lastEventId, { maxCells: 64 }) });
      else this.#sink.send(SNAPSHOT_EVENT, this.#parts.snapshot());
      this.#seq = whole && lastEventId === undefined ? begin : newest;
    }
    this.advance();
  }

  /** Sends what is new, as far as the reader takes it. */
  advance(): void {
    if (!this.#advancing) void this.#sendNext();
  }

  close(): void {
    this.#closing = true;
    if (!this.#advancing) this.#sink.close();
  }

  async #sendNext(): Promise<void> {
    const { log, names, frameOf } = this.#parts;
    this.#advancing = true;
    for (let next = log.after(this.#seq); next && !this.#sink.full; next = log.after(this.#seq)) {
      if (next.seq > this.#seq + 1) this.#sayGap({ from: this.#seq + 1, to: next.seq - 1 });
      this.#seq = next.seq;
      if (names && !names.includes(next.event)) continue;
      const frame = frameOf(next);
      this.#sink.write(frame instanceof Promise ? await frame : frame);
    }
    this.#advancing = false;
    if (this.#closing) this.#sink.close();
  }

  #sayGap(gap: LogGap): void {
    this.#sink.send(GAP_EVENT, gap);
    this.#sink.send(SNAPSHOT_EVENT, this.#parts.snapshot());
  }
}
