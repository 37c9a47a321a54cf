import type { Passage } from "../conversation-adapter.ts";
import { instantOf, parseLine, shortened, textOf, type Entry } from "./conversation-entries.ts";
import { forEachLine, MAX_PARSED_BYTES, openingOf, openingText } from "./conversation-lines.ts";

const MAX_PASSAGE_CHARACTERS = 64 * 1024;
/** Of these nothing is searched: the output of tools, and pi's own instructions. */
const SILENT_ROLES = new Set(["toolResult", "system"]);

type Said = Pick<Passage, "role" | "text">;

/**
 * What user and agent said in these lines, the commands that the user ran with `!`, and summaries of what was compacted
 * or left behind; each at most 64 KiB of characters. `offset` is where the lines begin in the file. Never throws.
 */
export function passages(lines: Buffer, offset: number): Passage[] {
  const found: Passage[] = [];
  let latest = 0;
  forEachLine(lines, (start, end) => {
    const opening = openingOf(lines, start, end);
    latest = opening?.at ?? latest;
    if (opening && SILENT_ROLES.has(opening.role)) return;
    if (end - start > MAX_PARSED_BYTES) {
      const text = opening?.role === "user" ? openingText(lines, start, end) : undefined;
      if (text !== undefined) found.push({ role: "user", text, at: latest, offset: offset + start });
      return;
    }
    const entry = parseLine(lines.toString("utf8", start, end));
    if (typeof entry === "string") return;
    latest = instantOf(entry.timestamp) ?? instantOf(entry.message?.timestamp) ?? latest;
    const said = saidIn(entry);
    if (said === undefined) return;
    found.push({
      role: said.role,
      text: shortened(said.text, MAX_PASSAGE_CHARACTERS),
      at: latest,
      offset: offset + start,
    });
  });
  return found;
}

function saidIn({ type, summary, message }: Entry): Said | undefined {
  if (type === "compaction" || type === "branch_summary") return said("summary", summary);
  if (type !== "message" || message === undefined) return undefined;
  switch (message.role) {
    case "user":
      return said("user", textOf(message.content));
    case "assistant":
      return said("agent", textOf(message.content));
    case "bashExecution":
      return said("command", message.command);
    default:
      return undefined;
  }
}

function said(role: Passage["role"], text: string | undefined): Said | undefined {
  const trimmed = text?.trim();
  return trimmed ? { role, text: trimmed } : undefined;
}
