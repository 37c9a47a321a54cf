import { plainText } from "../../runtime/sanitise.ts";
import { EXIT, print, withProgress } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

export async function kill(target: string | undefined, filters: TargetFilters): Promise<number> {
  const { client, session } = await targetSession(target, filters, { kind: "live" });
  const { title, conversation } = await withProgress("Ending the session", client.kill(session.id));
  const next = conversation === undefined ? "." : `; bring it back with: pisync resume ${session.id}`;
  print(`${session.id} (${plainText(title)}) has ended${next}`);
  return EXIT.done;
}
