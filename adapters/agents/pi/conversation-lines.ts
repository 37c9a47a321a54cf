import { instantOf } from "./conversation-entries.ts";

/**
 * pi writes each entry with JSON.stringify from objects whose keys are always made in the same order. So most lines can
 * be told by their first and last bytes, without parsing the megabytes between them, which are the output of tools.
 * Quotes in a JSON string are escaped: these patterns match keys and never text. A line of any other shape matches
 * neither and is parsed.
 */
const OPENING =
  /^\{"type":"message","id":"([\w-]+)","parentId":(?:null|"[\w-]+"),"timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","message":\{"role":"(\w+)",/;
/** From the last key that matters to the end: only plain values, so it is the message that the braces close. */
const CLOSING =
  /"(?:stopReason":"(\w+)"|isError":(?:true|false))(?:,"\w+":(?:"[^"\\\u0000-\u001f]*"|-?\d+(?:\.\d+)?|true|false|null))*\}\}$/y;
/** The string that is a message's content, or is its first block's text; whole escapes only. */
const FIRST_TEXT = /"content":(?:\[\{"type":"text","text":)?"((?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)/;
const OPENING_BYTES = 256;
const OPENING_TEXT_BYTES = 64 * 1024;
const CLOSING_BYTES = 512;

/** A longer line is never parsed: parsing takes several times its size in memory. */
export const MAX_PARSED_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** What the beginning of a message's line says. */
export interface Opening {
  id: string;
  at: number;
  role: string;
}

/** Calls `visit` with the bounds of each line, without its line feed or CRLF; lines without a byte are left out. */
export function forEachLine(lines: Buffer, visit: (start: number, end: number) => void): void {
  for (let start = 0; start < lines.length;) {
    const found = lines.indexOf(LINE_FEED, start);
    const feed = found === -1 ? lines.length : found;
    const end = lines[feed - 1] === CARRIAGE_RETURN && feed > start ? feed - 1 : feed;
    if (end > start) visit(start, end);
    start = feed + 1;
  }
}

/** Undefined when the line does not begin the way pi writes a message. */
export function openingOf(lines: Buffer, start: number, end: number): Opening | undefined {
  const found = OPENING.exec(lines.toString("latin1", start, Math.min(end, start + OPENING_BYTES)));
  if (found === null) return undefined;
  const [, id, timestamp, role] = found as unknown as [string, string, string, string];
  const at = instantOf(timestamp);
  return at === undefined ? undefined : { id, at, role };
}

/** The `stopReason` at the end of an assistant message; undefined when the line does not end the way pi writes one. */
export function stopReasonOf(lines: Buffer, start: number, end: number): string | undefined {
  return closing(lines, start, end, '"stopReason":"')?.[1];
}

/** Whether the line ends the way pi writes the result of a tool. */
export function endsAsToolResult(lines: Buffer, start: number, end: number): boolean {
  return closing(lines, start, end, '"isError":') !== undefined;
}

function closing(lines: Buffer, start: number, end: number, key: string): RegExpExecArray | undefined {
  const tail = lines.toString("latin1", Math.max(start, end - CLOSING_BYTES), end);
  const at = tail.lastIndexOf(key);
  if (at === -1) return undefined;
  CLOSING.lastIndex = at;
  return CLOSING.exec(tail) ?? undefined;
}

/** The text at the beginning of a message whose line is too long to parse, as far as its first 64 KiB reach. */
export function openingText(lines: Buffer, start: number, end: number): string | undefined {
  const found = FIRST_TEXT.exec(lines.toString("utf8", start, Math.min(end, start + OPENING_TEXT_BYTES)));
  try {
    return (JSON.parse(`"${found?.[1] ?? ""}"`) as string).trim() || undefined;
  } catch {
    return undefined;
  }
}
