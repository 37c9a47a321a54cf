import { plainText } from "../../runtime/sanitise.ts";
import { checkName } from "../names.ts";
import { EXIT, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/**
 * Names a session with all words behind the target. Of a single word, and with a filter, all of it is the name:
 * the target is the usual one then, or the filter's.
 */
export async function rename(words: readonly string[], filters: TargetFilters): Promise<number> {
  const { target, name } = targetAndName(words, filters);
  checkName(name, "Try: pisync rename 'Fix the login bug'");
  const { client, session } = await targetSession(target, filters, { kind: "any" });
  // pi takes the name a moment later, so the answer may still have the old title.
  await client.rename(session.id, name);
  print(`${session.id} is now: ${plainText(name)}`);
  return EXIT.done;
}

/** Pure. */
export function targetAndName(
  words: readonly string[],
  filters: TargetFilters,
): { target: string | undefined; name: string } {
  const [target, ...rest] = words;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return filtered || rest.length === 0
    ? { target: undefined, name: words.join(" ") }
    : { target, name: rest.join(" ") };
}
