import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print } from "../output.ts";
import { sessionsOf } from "../several-targets.ts";
import type { TargetFilters } from "../target.ts";

/** Interrupts the runs of one or several sessions; that none was going on is no failure. */
export async function abort(targets: readonly string[], options: TargetFilters & { json?: boolean }): Promise<number> {
  const client = await connectDaemon();
  const sessions = await sessionsOf(client, targets, options, "running");
  const aborted = await Promise.all(sessions.map(({ id }) => client.abort(id)));
  for (const [index, { id: session }] of sessions.entries()) {
    const running = aborted[index]?.running ?? false;
    if (options.json) print(JSON.stringify({ schemaVersion: 1, session, running }));
    else print(running ? `${session} is interrupted` : `${session} was not at work`);
  }
  return EXIT.done;
}
