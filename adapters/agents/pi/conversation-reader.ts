import type { ConversationReading } from "../conversation-adapter.ts";
import { instantOf, parseLine, shortened, textOf, type Entry, type Message } from "./conversation-entries.ts";
import {
  endsAsToolResult,
  forEachLine,
  MAX_PARSED_BYTES,
  openingOf,
  openingText,
  stopReasonOf,
} from "./conversation-lines.ts";
import { advanceTip, emptyTip } from "./conversation-tip.ts";

const MAX_ID_CHARACTERS = 256;
const MAX_PATH_CHARACTERS = 4096;
const MAX_TITLE_CHARACTERS = 1_000;
const MAX_ERROR_CHARACTERS = 2_000;

/** pi takes every such file for a conversation and looks at its first entry. */
export function isConversationFile(name: string): boolean {
  return name.endsWith(".jsonl");
}

/** Of a conversation before its first line. */
export function emptyReading(): ConversationReading {
  return { messages: 0, tip: emptyTip(), strangeLines: 0 };
}

/**
 * The reading after more complete lines. Any division into calls gives the same result, and nothing in a line makes
 * this throw. As for pi, the first entry must be the header, unparseable lines before it do not count, and a file that
 * begins with anything else is no conversation.
 */
export function read(before: ConversationReading, lines: Buffer): ConversationReading {
  const reading = { ...before };
  forEachLine(lines, (start, end) => {
    if (reading.foreign || (reading.header && readByItsEnds(reading, lines, start, end))) return;
    if (end - start > MAX_PARSED_BYTES) readHuge(reading, lines, start, end);
    else readParsed(reading, lines.toString("utf8", start, end));
  });
  return reading;
}

/** The bulk of a file. False when the line has to be parsed. */
function readByItsEnds(reading: ConversationReading, lines: Buffer, start: number, end: number): boolean {
  const opening = openingOf(lines, start, end);
  if (opening?.role === "toolResult" && endsAsToolResult(lines, start, end)) {
    addToolResult(reading, opening.at);
    return true;
  }
  const stop = opening?.role === "assistant" ? stopReasonOf(lines, start, end) : undefined;
  // An error has a message, which decides what it means.
  if (opening === undefined || stop === undefined || stop === "error") return false;
  addAssistant(reading, opening.at, { id: opening.id, stop });
  return true;
}

/** What begins as a message of the user is one, whatever its images hold; of other lines nothing is known. */
function readHuge(reading: ConversationReading, lines: Buffer, start: number, end: number): void {
  const opening = reading.header && openingOf(lines, start, end);
  if (opening?.role === "user") addUser(reading, opening.at, openingText(lines, start, end));
  else reading.strangeLines += 1;
}

function readParsed(reading: ConversationReading, text: string): void {
  const line = parseLine(text);
  if (line === "blank") return;
  if (line === "broken") reading.strangeLines += 1;
  else if (reading.header === undefined) readFirst(reading, line);
  else if (line === "value" || (line.type === "message" && line.message === undefined)) reading.strangeLines += 1;
  else readEntry(reading, line);
}

function readFirst(reading: ConversationReading, line: Entry | "value"): void {
  const id = line !== "value" && line.type === "session" ? (line.id ?? "") : "";
  if (line === "value" || id === "" || id.length > MAX_ID_CHARACTERS) {
    reading.foreign = true;
    return;
  }
  reading.header = {
    id,
    createdAt: instantOf(line.timestamp) ?? 0,
    ...(isPath(line.cwd) && { cwd: line.cwd }),
    ...(isPath(line.parentSession) && { parent: line.parentSession }),
  };
}

/** A path cut short would be another path. */
function isPath(text: string | undefined): boolean {
  return text !== undefined && text !== "" && text.length <= MAX_PATH_CHARACTERS;
}

/** Types that are not named here (models, labels, custom entries, those to come) change nothing. */
function readEntry(reading: ConversationReading, entry: Entry): void {
  switch (entry.type) {
    case "session_info":
      reading.name = shortened(entry.name?.trim() ?? "", MAX_TITLE_CHARACTERS) || undefined;
      break;
    case "context_edit": {
      const replacement = entry.replacement === null ? "null" : "other";
      const edit = {
        at: instantOf(entry.timestamp) ?? latest(reading),
        target: entry.targetId ?? "",
        replacement,
      } as const;
      reading.tip = advanceTip(reading.tip, { kind: "context-edit", ...edit });
      break;
    }
    case "compaction":
    case "branch_summary":
    case "custom_message":
      reading.lastActivity = instantOf(entry.timestamp) ?? reading.lastActivity;
      break;
    case "message":
      if (entry.message) readMessage(reading, entry, entry.message);
  }
}

function readMessage(reading: ConversationReading, entry: Entry, message: Message): void {
  const at = instantOf(entry.timestamp) ?? instantOf(message.timestamp);
  switch (message.role) {
    case "user":
      addUser(reading, at, reading.firstMessage === undefined ? textOf(message.content) : undefined);
      break;
    case "assistant": {
      const error = message.errorMessage && shortened(message.errorMessage, MAX_ERROR_CHARACTERS);
      addAssistant(reading, at, { id: entry.id, stop: message.stopReason ?? "", error });
      break;
    }
    case "toolResult":
      addToolResult(reading, at);
      break;
    default:
      reading.lastActivity = at ?? reading.lastActivity;
  }
}

function addUser(reading: ConversationReading, at: number | undefined, text: string | undefined): void {
  reading.messages += 1;
  reading.lastActivity = at ?? reading.lastActivity;
  if (text !== undefined) reading.firstMessage ??= shortened(text, MAX_TITLE_CHARACTERS);
  reading.tip = advanceTip(reading.tip, { kind: "user", at: latest(reading) });
}

function addAssistant(
  reading: ConversationReading,
  at: number | undefined,
  end: { id?: string | undefined; stop: string; error?: string | undefined },
): void {
  reading.messages += 1;
  reading.lastActivity = at ?? reading.lastActivity;
  reading.tip = advanceTip(reading.tip, { kind: "assistant", at: latest(reading), ...end });
}

function addToolResult(reading: ConversationReading, at: number | undefined): void {
  reading.lastActivity = at ?? reading.lastActivity;
  reading.tip = advanceTip(reading.tip, { kind: "tool-result", at: latest(reading) });
}

/** When an entry without a usable timestamp was written: after the one before it. */
function latest(reading: ConversationReading): number {
  return reading.lastActivity ?? reading.header?.createdAt ?? 0;
}
