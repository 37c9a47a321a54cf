import { EventEnvelope, LogGap, LogSnapshot } from "../../protocol/events.ts";
import { SessionSummary } from "../../protocol/session.ts";
import { openEventStream, type EventStream } from "../../runtime/event-stream.ts";
import { waitFor } from "./wait-for.ts";

/** A reader of an event log, or of the log of all sessions: everything it was sent, in order. */
export class LogReader implements Disposable {
  readonly events: EventEnvelope[] = [];
  readonly ids: (string | undefined)[] = [];
  readonly snapshots: LogSnapshot[] = [];
  /** What the log of all sessions begins with. */
  readonly lists: SessionSummary[][] = [];
  readonly gaps: LogGap[] = [];
  stream!: EventStream;

  static async open(socket: string, options: { path?: string; lastEventId?: string } = {}): Promise<LogReader> {
    const reader = new LogReader();
    reader.stream = await openEventStream(socket, options.path ?? "/v1/log", {
      lastEventId: options.lastEventId,
      onEvent: ({ event, id, data }) => reader.#take(event, id, data),
    });
    return reader;
  }

  /** The first event of that name behind the first `skip` events. */
  next(name: string, skip = 0): Promise<EventEnvelope> {
    return waitFor(`the event ${name}`, () => this.events.slice(skip).find(({ event }) => event === name));
  }

  names(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** The events of one session, in order. */
  of(session: string): EventEnvelope[] {
    return this.events.filter((event) => event.session === session);
  }

  [Symbol.dispose](): void {
    this.stream.close();
  }

  #take(event: string | undefined, id: string | undefined, data: string): void {
    const value = JSON.parse(data) as unknown;
    if (event === "snapshot" && isList(value))
      this.lists.push(value.sessions.map((each) => SessionSummary.parse(each)));
    else if (event === "snapshot") this.snapshots.push(LogSnapshot.parse(value));
    else if (event === "gap") this.gaps.push(LogGap.parse(value));
    else {
      this.events.push(EventEnvelope.parse(value));
      this.ids.push(id);
    }
  }
}

function isList(value: unknown): value is { sessions: unknown[] } {
  return typeof value === "object" && value !== null && "sessions" in value && Array.isArray(value.sessions);
}
