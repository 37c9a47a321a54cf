import type { LogItem } from "../../client/follow-log.ts";
import type { LogGap } from "../../protocol/events.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { eventLine } from "../event-lines.ts";
import { eventNames } from "../event-names.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, note, print } from "../output.ts";
import { sessionsOf } from "../several-targets.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";

export interface StreamOptions extends TargetFilters {
  all?: boolean;
  event?: string;
  raw?: boolean;
  json?: boolean;
}

/** What happens in one or several sessions, as it happens, until all of them have ended. */
export async function stream(targets: readonly string[], options: StreamOptions): Promise<number> {
  const { raw } = options;
  const event = options.event === undefined ? undefined : eventNames(options.event);
  if (options.all) requireNoTarget(targets[0], options);
  const client = await connectDaemon();
  if (options.all) {
    await printItems(client.followLogs({ event }), options, { withSession: true });
    return EXIT.done;
  }
  const sessions = await sessionsOf(client, targets, options, "running");
  const printing = sessions.map(({ id }) => {
    return printItems(client.followLog(id, { event, raw }), options, { withSession: sessions.length > 1, id });
  });
  await Promise.all(printing);
  return EXIT.done;
}

async function printItems(
  items: AsyncIterable<LogItem>,
  { json }: StreamOptions,
  { withSession, id }: { withSession: boolean; id?: string },
): Promise<void> {
  for await (const item of items) {
    if (item.type === "event") {
      const line = json ? JSON.stringify(item.event) : eventLine(item.event, lineContext(), { withSession });
      if (line !== undefined) print(line);
    }
    if (item.type !== "gap") continue;
    const gap = { ...(withSession && id !== undefined ? { session: id } : {}), ...item.gap };
    if (json) print(JSON.stringify({ event: "gap", data: gap }));
    else noteGap(gap);
  }
}

/** Says on standard error what cannot be made good. */
export function noteGap({ session, from, to }: LogGap): void {
  const which =
    from === undefined
      ? "Some events"
      : to === undefined
        ? `The events from ${from} on`
        : `The events ${from} to ${to}`;
  note(`${which}${session === undefined ? "" : ` of ${session}`} were missed.`);
}

function requireNoTarget(target: string | undefined, filters: StreamOptions): void {
  if (!namesSession(targetQuery(target, filters, { env: {}, kind: "live" }))) return;
  throw new PisyncError("usage", "With --all there is no target.", { next: "Leave one of them out." });
}
