import type { Question } from "../../protocol/questions.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { EXIT, note, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/** What a session asks its user. */
export async function questions(
  target: string | undefined,
  options: TargetFilters & { json?: boolean },
): Promise<number> {
  const { client, session } = await targetSession(target, options, { kind: "running" });
  const list = await client.questions(session.id);
  if (options.json) print(JSON.stringify({ schemaVersion: 1, ...list }));
  else for (const question of list.questions) for (const line of questionLines(question)) print(line);
  if (!options.json && list.questions.length === 0) note(`${session.id} asks nothing.`);
  return EXIT.done;
}

/** A question with what it can be answered with. Pure. */
export function questionLines({ id, kind, title, message, options, questions: parts = [] }: Question): string[] {
  const texts = parts.length === 0 ? [title ?? "", message ?? ""] : [];
  return [
    `${plainText(id)}  ${kind}  ${plainText(texts.filter(Boolean).join(": "))}`.trimEnd(),
    ...optionLines(options ?? []),
    ...parts.flatMap((part) => [`  ${plainText(part.question)}`, ...optionLines(part.options)]),
  ];
}

function optionLines(options: readonly string[]): string[] {
  return options.map((option, index) => `    ${index + 1}  ${plainText(option)}`);
}
