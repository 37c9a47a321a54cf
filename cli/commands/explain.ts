import { connectDaemon } from "../connect-daemon.ts";
import { explanationLines } from "../explanation-lines.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

/** What pisync says about a session, and how it knows each of it. */
export async function explain(
  target: string | undefined,
  options: TargetFilters & { json?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "any" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const explanation = await client.explain(id);
  if (options.json) print(JSON.stringify(explanation));
  else for (const line of explanationLines(explanation, lineContext())) print(line);
  return EXIT.done;
}
