import { styleText } from "node:util";
import { EXIT, print, withProgress } from "../output.ts";
import { examine, type Finding } from "../doctor-checks.ts";

const MARKS = { ok: ["✓", "green"], advice: ["!", "yellow"], fault: ["✗", "red"], skipped: ["-", "dim"] } as const;

/** Exit code 1 when something is at fault; advice alone is none. */
export async function doctor(options: { json?: boolean }): Promise<number> {
  const findings = await withProgress("Looking", examine(process.env));
  const healthy = findings.every(({ verdict }) => verdict !== "fault");
  if (options.json) print(JSON.stringify({ schemaVersion: 1, healthy, findings }));
  else for (const finding of findings) for (const line of linesOf(finding)) print(line);
  return healthy ? EXIT.done : EXIT.failed;
}

function linesOf({ subject, verdict, detail, next }: Finding): string[] {
  const [mark, colour] = MARKS[verdict];
  const shown = styleText(colour, mark, { stream: process.stdout });
  const lines = [`${shown} ${subject.padEnd(16)} ${detail}`];
  if (next !== undefined) for (const line of next.split("\n")) lines.push(`${" ".repeat(19)}${line}`);
  return lines;
}
