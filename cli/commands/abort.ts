import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

/** Interrupts a session's run; that none was going on is no failure. */
export async function abort(target: string | undefined, options: TargetFilters & { json?: boolean }): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "running" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const { running } = await client.abort(id);
  if (options.json) print(JSON.stringify({ schemaVersion: 1, running }));
  else print(running ? `${id} is interrupted` : `${id} was not at work`);
  return EXIT.done;
}
