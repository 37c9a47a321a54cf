import type { PromptRecord } from "../../protocol/prompts.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { EXIT, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

const TEXT_CELLS = 60;

/** What programs have sent to a session: what waits first, in order, then what is over. */
export async function prompts(
  target: string | undefined,
  options: TargetFilters & { cancel?: string | undefined; json?: boolean },
): Promise<number> {
  const { client, session } = await targetSession(target, options, { kind: "any" });
  if (options.cancel !== undefined) {
    const cancelled = await client.cancelPrompt(session.id, options.cancel);
    print(options.json ? JSON.stringify({ schemaVersion: 1, ...cancelled }) : line(cancelled));
    return EXIT.done;
  }
  const list = await client.prompts(session.id);
  if (options.json) print(JSON.stringify({ schemaVersion: 1, ...list }));
  else for (const prompt of [...list.queued, ...list.recent]) print(line(prompt));
  return EXIT.done;
}

function line({ id, state, text, reason }: PromptRecord): string {
  const why = reason === undefined ? "" : `  ${plainText(reason)}`;
  return `${state.padEnd(9)}  ${id}  ${plainText(text, { maxCells: TEXT_CELLS })}${why}`;
}
