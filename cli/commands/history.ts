import { connectDaemon } from "../connect-daemon.ts";
import { eventLine } from "../event-lines.ts";
import { eventNames } from "../event-names.ts";
import { parseLimit, parseMaxBytes, parseSince } from "../history-options.ts";
import { lineContext } from "../line-context.ts";
import { grouped } from "../numbers.ts";
import { EXIT, note, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

export interface HistoryOptions extends TargetFilters {
  limit?: string;
  event?: string;
  since?: string;
  maxBytes?: string;
  raw?: boolean;
  json?: boolean;
}

/** The newest events of a session. */
export async function history(target: string | undefined, options: HistoryOptions): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "running" });
  const { limit, event, since, maxBytes, raw } = options;
  const wanted = limit === undefined ? undefined : parseLimit(limit);
  const filter = {
    event: event === undefined ? undefined : eventNames(event),
    since: since === undefined ? undefined : parseSince(since),
    maxBytes: maxBytes === undefined ? undefined : parseMaxBytes(maxBytes),
  };
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const found = await client.history(id, {
    ...filter,
    // Not every event has a line: of what people read the lines are counted.
    limit: options.json || raw ? wanted : undefined,
    raw,
  });
  if (options.json) {
    print(JSON.stringify(found));
    return EXIT.done;
  }
  const context = lineContext();
  const all = found.events
    .map((envelope) => (raw ? JSON.stringify(envelope) : eventLine(envelope, context)))
    .filter((line) => line !== undefined);
  const lines = wanted === undefined ? all : all.slice(-wanted);
  for (const line of lines) print(line);
  const omitted = found.omitted + all.length - lines.length;
  if (omitted > 0) note(`${grouped(omitted)} older events are left out; --limit and --max-bytes say how many.`);
  return EXIT.done;
}
