import { explanationLines } from "../explanation-lines.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/** What pisync says about a session, and how it knows each of it. */
export async function explain(
  target: string | undefined,
  options: TargetFilters & { json?: boolean },
): Promise<number> {
  const { client, session } = await targetSession(target, options, { kind: "any" });
  const explanation = await client.explain(session.id);
  if (options.json) print(JSON.stringify(explanation));
  else for (const line of explanationLines(explanation, lineContext())) print(line);
  return EXIT.done;
}
