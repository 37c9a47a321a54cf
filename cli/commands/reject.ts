import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print } from "../output.ts";
import { wordsBehindTarget } from "../target-words.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

const NEXT = "Try: pisync reject [TARGET] QUESTION, with what pisync questions prints";

export async function reject(words: readonly string[], filters: TargetFilters): Promise<number> {
  const { target, rest } = wordsBehindTarget(words, filters, { count: 1, next: NEXT });
  const query = targetQuery(target, filters, { env: process.env, kind: "running" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  await client.reject(id, rest[0] ?? "");
  print(`${rest[0]} is rejected`);
  return EXIT.done;
}
