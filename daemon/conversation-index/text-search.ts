import { readSync } from "node:fs";
import type { ConversationReader, ConversationReading, Passage } from "../../adapters/agents/conversation-adapter.ts";
import { systemErrorCode } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { titleOf } from "./catalogue.ts";
import { readLines, withFile } from "./conversation-file.ts";
import type { FoundConversation } from "./messages.ts";
import { matchExpression, parseQuery, patternOf } from "./query.ts";
import { snippetOf, type Snippet } from "./snippet.ts";
import type { Store, StoredMatch } from "./store.ts";

/** How far back from a file's end is looked for what was said last. */
const RECENT_BYTES = 8 * 1024 * 1024;
const RECENT_STEP_BYTES = 256 * 1024;
/** A part is longer only when a single line is. */
const MAX_PART_BYTES = 4 * 1024 * 1024;

/** Conversations in which all of the words occur, the best first, each with the place that shows it best. */
export function searchConversations(
  store: Store,
  reader: ConversationReader,
  words: string,
  limit: number,
): FoundConversation[] {
  const terms = parseQuery(words);
  if (terms.length === 0) return [];
  const patterns = terms.map(patternOf);
  return store.match(terms.map(matchExpression), limit).flatMap((match) => {
    const reading = JSON.parse(store.reading(match.file) ?? "{}") as Partial<ConversationReading>;
    return reading.header === undefined ? [] : show(match, reading as ConversationReading, { reader, patterns });
  });
}

/** The title when it has all of the words, or when nothing better can be shown any more. */
function show(
  { path, part }: StoredMatch,
  reading: ConversationReading,
  { reader, patterns }: { reader: ConversationReader; patterns: RegExp[] },
): FoundConversation {
  const title = titleOf(reading) ?? "";
  const named = snippetOf(title, patterns);
  const said =
    part === undefined || named?.terms === patterns.length ? undefined : bestPassage(path, part, { reader, patterns });
  if (said !== undefined && said.snippet.terms >= (named?.terms ?? 0)) {
    const { snippet, matches } = said.snippet;
    return { path, snippet, matches, where: said.passage.role, at: said.passage.at };
  }
  const { snippet, matches } = named ?? { snippet: plainText(title), matches: [] };
  return { path, snippet, matches, where: "title", at: reading.lastActivity ?? reading.header?.createdAt ?? 0 };
}

/** The passage of a part that has most of the words, the first such one. The file may have changed since. */
function bestPassage(
  path: string,
  part: { start: number; end: number },
  { reader, patterns }: { reader: ConversationReader; patterns: RegExp[] },
): { passage: Passage; snippet: Snippet } | undefined {
  let best: { passage: Passage; snippet: Snippet } | undefined;
  for (const passage of readPassages(path, part, reader)) {
    const snippet = snippetOf(passage.text, patterns);
    if (snippet !== undefined && snippet.terms > (best?.snippet.terms ?? 0)) best = { passage, snippet };
    if (best?.snippet.terms === patterns.length) break;
  }
  return best;
}

function readPassages(path: string, part: { start: number; end: number }, reader: ConversationReader): Passage[] {
  const bytes = Math.min(part.end - part.start, MAX_PART_BYTES);
  try {
    const lines = withFile(path, (descriptor) => {
      const buffer = Buffer.alloc(bytes);
      return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, part.start));
    });
    return lines === undefined ? [] : reader.passages(lines, part.start);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}

/** What was said last in a conversation, oldest first, one passage a line, of at most so many bytes; "" without one. */
export function recentText(reader: ConversationReader, path: string, maxBytes: number): string {
  try {
    return withFile(path, (descriptor, { size }) => lastPassages(reader, descriptor, size, maxBytes)) ?? "";
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return "";
  }
}

function lastPassages(reader: ConversationReader, descriptor: number, size: number, maxBytes: number): string {
  for (let back = RECENT_STEP_BYTES; ; back *= 2) {
    const from = Math.max(0, size - back);
    const texts: string[] = [];
    let first = from > 0;
    readLines(descriptor, { from, size, maxBytes: back }, (lines, offset) => {
      // What precedes the first line feed is the end of a line.
      const skipped = first ? lines.indexOf(10) + 1 : 0;
      first = false;
      for (const { text } of reader.passages(lines.subarray(skipped), offset + skipped))
        texts.push(plainText(text.slice(-maxBytes)));
    });
    const text = Buffer.from(texts.join("\n"));
    if (text.length >= maxBytes || from === 0 || back >= RECENT_BYTES) return lastBytes(text, maxBytes);
  }
}

/** Never begins inside a character. */
function lastBytes(text: Buffer, maxBytes: number): string {
  let start = Math.max(0, text.length - maxBytes);
  while (start < text.length && ((text[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return text.toString("utf8", start);
}
