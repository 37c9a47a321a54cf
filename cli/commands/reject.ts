import { EXIT, print } from "../output.ts";
import { wordsBehindTarget } from "../target-words.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

const NEXT = "Try: pisync reject [TARGET] QUESTION, with what pisync questions prints";

export async function reject(words: readonly string[], filters: TargetFilters): Promise<number> {
  const { target, rest } = wordsBehindTarget(words, filters, { count: 1, next: NEXT });
  const { client, session } = await targetSession(target, filters, { kind: "running" });
  await client.reject(session.id, rest[0] ?? "");
  print(`${rest[0]} is rejected`);
  return EXIT.done;
}
