import { HistoryQuery } from "../../protocol/events.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { eventLine } from "../event-lines.ts";
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
  requireUsable({ limit, event, since, "max-bytes": maxBytes });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const wanted = limit === undefined ? undefined : Number(limit);
  const found = await client.history(id, {
    event: event?.split(","),
    // Not every event has a line: of what people read the lines are counted.
    limit: options.json || raw ? wanted : undefined,
    since,
    maxBytes: maxBytes === undefined ? undefined : Number(maxBytes),
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

/** What the daemon would refuse is a mistake on the command line. */
function requireUsable(asked: object): void {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const { error } = HistoryQuery.safeParse(given);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return;
  throw new PisyncError("usage", `The value of --${String(issue.path[0])} cannot be used: ${issue.message}.`, {
    next: "See: pisync history --help",
  });
}
