import type * as z from "zod";
import { EVENT_BOUNDS } from "../../protocol/event-bounds.ts";
import type { EventData, EventEnvelope } from "../../protocol/events.ts";
import type { BridgeSettings } from "../../protocol/bridge-settings.ts";
import type { BridgeEvent, BridgeHistoryRequest } from "../../protocol/pi-bridge.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { compactBridgeData } from "./compact.ts";
import { bridgeEventName, toBridgeEvent } from "./events.ts";
import type { EventLog, LoggedEvent } from "../event-log.ts";

export interface BridgeHistoryAnswer {
  events: BridgeEvent[];
  /** That were asked for and are known, up to the limit. */
  totalEvents: number;
  /** Not all of them, or not all of them whole, fit in the answer. */
  responseTruncated: boolean;
  rawErrors?: string[];
}

const NOT_KEPT = "The whole of this event is not kept any more.";

/** The session's event log in the words of pi-session-bridge. Holds nothing of its own but the newest line. */
export class BridgeHistory {
  readonly #log: EventLog;
  readonly #settings: BridgeSettings;
  /** Clients that keep up share it. */
  #newest: { seq: number; line: Promise<string> } | undefined;

  constructor(log: EventLog, settings: BridgeSettings) {
    this.#log = log;
    this.#settings = settings;
  }

  /** The compact event as a line for the stream; undefined for what is pisync's own. */
  line(logged: LoggedEvent): Promise<string> | undefined {
    if (bridgeEventName(logged.event) === undefined) return undefined;
    if (this.#newest?.seq === logged.seq) return this.#newest.line;
    const line = this.#event(logged, false).then((event) => `${JSON.stringify(event)}\n`);
    this.#newest = { seq: logged.seq, line };
    return line;
  }

  /** The newest event always fits. @throws PisyncError `malformed`. */
  async answer(query: z.output<typeof BridgeHistoryRequest>): Promise<BridgeHistoryAnswer> {
    const since = query.since === undefined ? 0 : instantOf(query.since);
    const limit = Math.min(query.limit ?? Infinity, this.#settings.historyLimit);
    const asked = query.maxBytes ?? query.max_bytes ?? this.#settings.maxHistoryResponseBytes;
    const raw = query.raw ?? query.verbose ?? false;
    const matching = this.#log.kept
      .filter(({ event, at }) => isWanted(bridgeEventName(event), query.event) && at >= since)
      .slice(-limit);
    const events: BridgeEvent[] = [];
    let left = Math.min(asked, EVENT_BOUNDS.spillBytes);
    let isCut = false;
    for (const logged of matching.toReversed()) {
      const event = await this.#event(logged, raw);
      const fitting = fits(event, left) || events.length === 0 || !raw ? event : await this.#event(logged, false);
      isCut ||= fitting !== event;
      left -= bytesOf(fitting);
      if (left < 0 && events.length > 0) break;
      events.push(fitting);
    }
    const rawErrors = events.flatMap(({ event, rawError }) => (rawError === undefined ? [] : `${event}: ${rawError}`));
    return {
      events: events.reverse(),
      totalEvents: matching.length,
      responseTruncated: isCut || events.length < matching.length,
      ...(rawErrors.length === 0 ? {} : { rawErrors }),
    };
  }

  async #event(logged: LoggedEvent, raw: boolean): Promise<BridgeEvent> {
    const json = await this.#log.whole(logged);
    const envelope = JSON.parse(json) as EventEnvelope;
    const isWhole = json !== logged.json || envelope.truncated === undefined;
    return bridgeEventOf(envelope, this.#settings, { raw, isWhole });
  }
}

/** `isWhole` is false when all that is left of an event is its compact form. */
export function bridgeEventOf(
  { seq, event: name, at, data: given, originalBytes: cutFrom }: EventEnvelope,
  settings: BridgeSettings,
  { raw, isWhole }: { raw: boolean; isWhole: boolean },
): BridgeEvent {
  const { event, data } = toBridgeEvent(name, given) ?? { event: name, data: given };
  const compacted: { data: EventData; originalBytes?: number } = compactBridgeData(event, data, settings);
  const originalBytes = cutFrom ?? compacted.originalBytes;
  const head = { type: "event", event, timestamp: new Date(at).toISOString() } as const;
  if (originalBytes === undefined) return { ...head, data };
  const cut = { truncated: true, originalBytes, ...(isWhole ? { rawEventRef: String(seq) } : {}) } as const;
  if (!raw) return { ...head, data: compacted.data, ...cut };
  if (!isWhole) return { ...head, data: compacted.data, ...cut, rawError: NOT_KEPT };
  return { ...head, data, ...cut, rawRestored: true };
}

function isWanted(name: string | undefined, wanted: string | undefined): boolean {
  return name !== undefined && (wanted === undefined || name === wanted);
}

function instantOf(since: string): number {
  const instant = Date.parse(since);
  if (Number.isNaN(instant)) throw new PisyncError("malformed", "since has to be a time as in 2026-05-21T00:00:00Z.");
  return instant;
}

function fits(event: BridgeEvent, bytes: number): boolean {
  return bytesOf(event) <= bytes;
}

function bytesOf(event: BridgeEvent): number {
  return Buffer.byteLength(JSON.stringify(event));
}
