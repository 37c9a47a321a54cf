import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { ExtensionContext } from "@earendil-works/pi-coding-agent";

export const MAX_TEXT_CHARACTERS = 1_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** What the user said first. */
export function firstMessageOf(ctx: ExtensionContext): string | undefined {
  for (const entry of ctx.sessionManager.getEntries()) {
    if (entry.type === "message" && entry.message.role === "user") return textOf(entry.message.content);
  }
  return undefined;
}

/** The text of a message's content; undefined when it has none. */
export function textOf(content: unknown): string | undefined {
  const parts = Array.isArray(content) ? content : [{ text: content }];
  const text = parts.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("\n");
  return text.trim() === "" ? undefined : text.trim().slice(0, MAX_TEXT_CHARACTERS);
}

/** The conversation id in the header of a session file; undefined when it has none, or none yet. */
export function headerId(path: string): string | undefined {
  let file: number | undefined;
  try {
    // Opening a pipe would wait for a writer, and pi with it.
    if (!statSync(path).isFile()) return undefined;
    file = openSync(path, "r");
    const start = Buffer.alloc(MAX_HEADER_BYTES);
    const length = readSync(file, start, 0, MAX_HEADER_BYTES, 0);
    const line = start.toString("utf8", 0, length).split("\n", 1)[0] ?? "";
    const header = JSON.parse(line) as { type?: unknown; id?: unknown };
    return header.type === "session" && typeof header.id === "string" ? header.id : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
