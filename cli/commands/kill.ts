import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print, withProgress } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

export async function kill(target: string | undefined, filters: TargetFilters): Promise<number> {
  const query = targetQuery(target, filters, { env: process.env, kind: "live" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const { title, conversation } = await withProgress("Ending the session", client.kill(id));
  const next = conversation === undefined ? "." : `; bring it back with: pisync resume ${id}`;
  print(`${id} (${plainText(title)}) has ended${next}`);
  return EXIT.done;
}
