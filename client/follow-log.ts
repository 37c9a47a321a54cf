import { EventEnvelope, GAP_EVENT, LogGap, LogSnapshot, SNAPSHOT_EVENT } from "../protocol/events.ts";
import { PisyncError } from "../runtime/failure.ts";
import { parseJson } from "../runtime/json-file.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { daemonStream } from "./daemon-stream.ts";
import { parametersOf } from "./parameters.ts";

/** The last event of a host. */
const END = "host_end";

export interface LogFilter {
  /** Only events with these names. */
  event?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
}

export interface FollowLogOptions extends LogFilter {
  /** Whole events instead of compact ones. */
  raw?: boolean | undefined;
  /** Goes on behind the event with this `seq`, instead of beginning with the present. */
  after?: number | undefined;
}

/**
 * `snapshot`: the state of the session, at first and behind each gap. `gap`: events that were missed, and are not known
 * any more.
 */
export type LogItem =
  { type: "event"; event: EventEnvelope } | { type: "gap"; gap: LogGap } | { type: "snapshot"; snapshot: LogSnapshot };

/** One session's log to its end, over restarts of the daemon and without a loss that is not said. */
export async function* followLog(
  paths: StatePaths,
  session: string,
  { event, raw, after, signal }: FollowLogOptions,
): AsyncGenerator<LogItem, void, void> {
  // The end has to be seen, whatever is asked for.
  const query = parametersOf({ raw, event: event && [...event, END] });
  const path = `/v1/sessions/${encodeURIComponent(session)}/log?${query}`;
  let last = after;
  let following = false;
  try {
    for await (const sent of daemonStream(paths, path, { lastEventId: () => last?.toString(), signal })) {
      following = true;
      const item = itemOf(sent);
      // A snapshot behind a gap is ahead of the events that come behind it.
      if (item.type === "gap") last = item.gap.to;
      else if (item.type === "snapshot") last ??= item.snapshot.seq;
      else last = item.event.seq;
      const ended = item.type === "event" && item.event.event === END;
      if (!ended || (event?.includes(END) ?? true)) yield item;
      if (ended) return;
    }
  } catch (error) {
    // It ended between two connections, and its log with it.
    if (!following || !(error instanceof PisyncError) || error.code !== "not-live") throw error;
    yield { type: "gap", gap: { from: (last ?? 0) + 1 } };
  }
}

/** Compact events of all live sessions, from now on, until `signal`. What a new connection misses is said as a gap. */
export async function* followLogs(
  paths: StatePaths,
  { event, signal }: LogFilter,
): AsyncGenerator<Exclude<LogItem, { type: "snapshot" }>, void, void> {
  let connections = 0;
  for await (const sent of daemonStream(paths, `/v1/log?${parametersOf({ event })}`, { signal })) {
    if (sent.event === SNAPSHOT_EVENT) {
      // Each connection begins with one.
      if (++connections > 1) yield { type: "gap", gap: {} };
      continue;
    }
    const item = itemOf(sent);
    if (item.type !== "snapshot") yield item;
  }
}

function itemOf({ event, data }: { event: string | undefined; data: string }): LogItem {
  if (event === SNAPSHOT_EVENT) return { type: "snapshot", snapshot: parseJson(data, LogSnapshot, "The snapshot") };
  if (event === GAP_EVENT) return { type: "gap", gap: parseJson(data, LogGap, "The gap") };
  return { type: "event", event: parseJson(data, EventEnvelope, "The event") };
}
