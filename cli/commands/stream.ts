import type { PisyncClient } from "../../client/pisync-client.ts";
import type { EventEnvelope, LogGap } from "../../protocol/events.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { eventLine } from "../event-lines.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, note, print } from "../output.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";

export interface StreamOptions extends TargetFilters {
  all?: boolean;
  event?: string;
  raw?: boolean;
  json?: boolean;
}

/** What happens in a session, as it happens, until it ends. */
export async function stream(target: string | undefined, options: StreamOptions): Promise<number> {
  const event = options.event?.split(",");
  if (options.all) requireNoTarget(target, options);
  const client = await connectDaemon();
  const items = options.all
    ? client.followLogs({ event })
    : client.followLog(await sessionOf(client, target, options), { event, raw: options.raw });
  for await (const item of items) {
    if (item.type === "event") printEvent(item.event, options);
    if (item.type !== "gap") continue;
    if (options.json) print(JSON.stringify({ event: "gap", data: item.gap }));
    else noteGap(item.gap);
  }
  return EXIT.done;
}

function printEvent(envelope: EventEnvelope, { json, all }: StreamOptions): void {
  const line = json ? JSON.stringify(envelope) : eventLine(envelope, lineContext(), { withSession: all === true });
  if (line !== undefined) print(line);
}

/** Says on standard error what cannot be made good. */
export function noteGap({ from, to }: LogGap): void {
  const which =
    from === undefined
      ? "Some events"
      : to === undefined
        ? `The events from ${from} on`
        : `The events ${from} to ${to}`;
  note(`${which} were missed.`);
}

async function sessionOf(client: PisyncClient, target: string | undefined, filters: StreamOptions): Promise<string> {
  return (await client.target(targetQuery(target, filters, { env: process.env, kind: "running" }))).id;
}

function requireNoTarget(target: string | undefined, filters: StreamOptions): void {
  if (!namesSession(targetQuery(target, filters, { env: {}, kind: "live" }))) return;
  throw new PisyncError("usage", "With --all there is no target.", { next: "Leave one of them out." });
}
