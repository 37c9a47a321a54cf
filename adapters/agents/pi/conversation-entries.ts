/** The form of zod of which a bundle takes in only what is used: the index thread starts sooner and takes less. */
import * as z from "zod/mini";

/** A field of another type than pi's counts as absent: one odd field must not hide the entry. */
const Text = z.catch(z.optional(z.string()), undefined);

const Message = z.object({
  role: z.string(),
  content: z.optional(z.unknown()),
  timestamp: z.optional(z.unknown()),
  stopReason: Text,
  errorMessage: Text,
  /** Of role `bashExecution`: what was run with `!`. */
  command: Text,
});
export type Message = z.infer<typeof Message>;

/** What is read of an entry of any type; entries of unknown types are entries too. */
const Entry = z.object({
  type: z.string(),
  id: Text,
  timestamp: z.optional(z.unknown()),
  /** Of type `message`. */
  message: z.catch(z.optional(Message), undefined),
  /** Of type `session`, the header. */
  cwd: Text,
  parentSession: Text,
  /** Of type `session_info`. */
  name: Text,
  /** Of type `context_edit`. */
  targetId: Text,
  replacement: z.optional(z.unknown()),
  /** Of types `compaction` and `branch_summary`. */
  summary: Text,
});
export type Entry = z.infer<typeof Entry>;

const Block = z.catch(z.object({ type: Text, text: Text }), {});
const Blocks = z.catch(z.array(Block), []);

/** What a line holds: `blank`, `broken` (no JSON, or a value that pi skips), another `value`, or an entry. */
export type Line = "blank" | "broken" | "value" | Entry;

/** Takes the text of one line; never throws. */
export function parseLine(text: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === "" ? "blank" : "broken";
  }
  if (!value) return "broken";
  const entry = Entry.safeParse(value);
  return entry.success ? entry.data : "value";
}

/** The text of a message's content, which is a string or blocks; undefined when it shows none. */
export function textOf(content: unknown): string | undefined {
  const text = typeof content === "string" ? content : blocksOf(content).join("\n");
  return text.trim() || undefined;
}

function blocksOf(content: unknown): string[] {
  return Blocks.parse(content).flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : []));
}

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/**
 * A timestamp of pi's in milliseconds: ISO text, or a number as messages have it. Undefined for anything else and for
 * a date outside 2000 to 2099, which only a broken clock writes.
 */
export function instantOf(timestamp: unknown): number | undefined {
  const instant = typeof timestamp === "string" ? isoInstant(timestamp) : timestamp;
  if (typeof instant !== "number" || !(instant >= EARLIEST && instant < LATEST)) return undefined;
  return Math.trunc(instant);
}

/** As pi writes it, in UTC; other spellings would be read in the machine's time zone. */
function isoInstant(timestamp: string): number | undefined {
  return timestamp.charAt(10) === "T" && timestamp.endsWith("Z") ? Date.parse(timestamp) : undefined;
}

/** At most `length` UTF-16 code units, and never half a character. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end);
}
