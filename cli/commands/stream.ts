import { PisyncError } from "../../runtime/failure.ts";
import { DaemonClient } from "../daemon-client.ts";
import { eventLine } from "../event-lines.ts";
import { followLog } from "../follow-log.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, print } from "../output.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";

export interface StreamOptions extends TargetFilters {
  all?: boolean;
  event?: string;
  raw?: boolean;
  json?: boolean;
}

/** What happens in a session, as it happens, until it ends. */
export async function stream(target: string | undefined, options: StreamOptions): Promise<number> {
  const id = options.all ? undefined : await sessionOf(target, options);
  if (options.all) requireNoTarget(target, options);
  // The end has to be seen, whatever is asked for.
  const event = options.event === undefined ? undefined : `${options.event},host_end`;
  const wanted = options.event?.split(",");
  const query = { event, ...(options.raw && !options.all ? { raw: true } : {}) };
  await followLog(id, query, {
    onEvent(envelope) {
      if (wanted && !wanted.includes(envelope.event)) return;
      const line = options.json
        ? JSON.stringify(envelope)
        : eventLine(envelope, lineContext(), { withSession: options.all === true });
      if (line !== undefined) print(line);
    },
    ...(options.json ? { onGap: (gap: object) => print(JSON.stringify({ event: "gap", data: gap })) } : {}),
  });
  return EXIT.done;
}

async function sessionOf(target: string | undefined, filters: StreamOptions): Promise<string> {
  const query = targetQuery(target, filters, { env: process.env, kind: "live" });
  return (await (await DaemonClient.connect()).target(query)).id;
}

function requireNoTarget(target: string | undefined, filters: StreamOptions): void {
  if (!namesSession(targetQuery(target, filters, { env: {}, kind: "live" }))) return;
  throw new PisyncError("usage", "With --all there is no target.", { next: "Leave one of them out." });
}
