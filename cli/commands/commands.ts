import { plainText } from "../../runtime/sanitise.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, note, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/** The slash commands of extensions, templates and skills in a session. */
export async function commands(
  target: string | undefined,
  options: TargetFilters & { json?: boolean },
): Promise<number> {
  const { client, session } = await targetSession(target, options, { kind: "running" });
  const list = await client.commands(session.id);
  if (options.json) {
    print(JSON.stringify(list));
    return EXIT.done;
  }
  const { width, style } = lineContext();
  const names = list.commands.map(({ name }) => `/${plainText(name)}`);
  const column = Math.max(0, ...names.map((name) => name.length)) + 2;
  for (const [index, { source, description = "" }] of list.commands.entries()) {
    const about = plainText(`${source}  ${description}`, { maxCells: Math.max(20, width - column) });
    print(`${style("id", (names[index] ?? "").padEnd(column))}${about}`);
  }
  if (names.length === 0) note("Only pi's own commands can be used here.");
  return EXIT.done;
}
