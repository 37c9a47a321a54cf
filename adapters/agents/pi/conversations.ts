import { constants } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import type { Selection } from "./arguments.ts";
import { piPath, sessionDirectory, type PiPlace, type SessionDirectory } from "./session-directory.ts";

/** A conversation on disk. */
export interface StoredConversation {
  /** The id in the file's header: what a conversation is known by. */
  id: string;
  /** Absolute, as pi will name it: symbolic links are not followed. */
  path: string;
  /** The working directory in the header; absent in a header without one. */
  cwd?: string;
}

/** What a selection on the command line leads to; undefined when pi will start a new conversation or ask. */
export type ResolvedSelection =
  | { kind: "stored"; conversation: StoredConversation }
  /** pi will create the conversation, with this id or at this path. */
  | { kind: "new-id"; id: string }
  | { kind: "new-path"; path: string };

/** A header is about 200 bytes; a few are longer, and none is looked for beyond the second. */
const HEADER_BYTES = [4 * 1024, 64 * 1024];
const FILES_AT_ONCE = 32;

const Header = z.object({ type: z.literal("session"), id: z.string().min(1).max(256), cwd: z.string().optional() });

/** Finds the conversation that pi will open for its arguments. Reads headers only; broken files are skipped. */
export async function resolveSelection(selection: Selection, place: PiPlace): Promise<ResolvedSelection | undefined> {
  switch (selection.kind) {
    case "unknown":
      return undefined;
    case "continue":
      return stored(await mostRecent(place));
    case "session-id":
      return stored(await findById(selection.value, place)) ?? { kind: "new-id", id: selection.value };
    case "session":
      return looksLikePath(selection.value)
        ? resolvePath(piPath(selection.value, place.env, place.cwd))
        : stored((await findById(selection.value, place)) ?? (await findByPrefix(selection.value, place)));
  }
}

/** The conversation in a file, from its first 64 KiB; undefined when there is none. */
export async function readConversation(path: string): Promise<StoredConversation | undefined> {
  for (const bytes of HEADER_BYTES) {
    const start = await readStart(path, bytes).catch(() => "");
    for (const line of start.split("\n")) {
      const entry = parseLine(line);
      // pi skips lines it cannot parse, and the first entry it can must be the header.
      if (entry === undefined) continue;
      const header = Header.safeParse(entry);
      return header.success ? { id: header.data.id, path, cwd: header.data.cwd || undefined } : undefined;
    }
  }
  return undefined;
}

/** pi's own test (dist/main.js, resolveSessionPath): anything else is an id or the beginning of one. */
function looksLikePath(value: string): boolean {
  return value.includes("/") || value.includes("\\") || value.endsWith(".jsonl");
}

function stored(conversation: StoredConversation | undefined): ResolvedSelection | undefined {
  return conversation && { kind: "stored", conversation };
}

async function resolvePath(path: string): Promise<ResolvedSelection | undefined> {
  const conversation = await readConversation(path);
  if (conversation) return { kind: "stored", conversation };
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  // pi begins a conversation in a missing or empty file and refuses any other.
  return size === 0 ? { kind: "new-path", path: await realPathOfNew(path) } : undefined;
}

/** One name for a file that does not exist yet, whichever links lead to its directory. */
async function realPathOfNew(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return join(await realpath(parent).catch(() => realPathOfNew(parent)), basename(path));
}

async function mostRecent(place: PiPlace): Promise<StoredConversation | undefined> {
  const directory = await sessionDirectory(place);
  for (const path of await newestFirst(await conversationFiles(directory.path))) {
    const conversation = await readConversation(path);
    if (conversation && belongs(conversation, directory, place)) return conversation;
  }
  return undefined;
}

/** The conversation with exactly this id, where pi would look for it. */
export async function findById(id: string, place: PiPlace): Promise<StoredConversation | undefined> {
  const directory = await sessionDirectory(place);
  const files = await conversationFiles(directory.path);
  // pi names a file after its id, so the likely ones are read first; the header decides.
  const likelyFirst = files.toSorted((a, b) => Number(b.includes(id)) - Number(a.includes(id)));
  return firstMatch(likelyFirst, directory, place, (conversation) => conversation.id === id);
}

/** Of several, the one whose file was written last: pi takes the one with the latest message. */
async function findByPrefix(prefix: string, place: PiPlace): Promise<StoredConversation | undefined> {
  const directory = await sessionDirectory(place);
  const files = await newestFirst(await conversationFiles(directory.path));
  return firstMatch(files, directory, place, (conversation) => conversation.id.startsWith(prefix));
}

async function firstMatch(
  files: readonly string[],
  directory: SessionDirectory,
  place: PiPlace,
  matches: (conversation: StoredConversation) => boolean,
): Promise<StoredConversation | undefined> {
  for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
    const read = await Promise.all(files.slice(at, at + FILES_AT_ONCE).map(readConversation));
    for (const conversation of read) {
      if (conversation && matches(conversation) && belongs(conversation, directory, place)) return conversation;
    }
  }
  return undefined;
}

function belongs(conversation: StoredConversation, directory: SessionDirectory, place: PiPlace): boolean {
  return !directory.shared || conversation.cwd === place.cwd;
}

async function conversationFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name.endsWith(".jsonl")).map((name) => join(directory, name));
}

async function newestFirst(files: readonly string[]): Promise<string[]> {
  const dated = await Promise.all(
    files.map(async (path) => ({ path, written: (await stat(path).catch(() => undefined))?.mtimeMs ?? -1 })),
  );
  return dated.toSorted((a, b) => b.written - a.written).map(({ path }) => path);
}

/** Without waiting, should it be a pipe. */
async function readStart(path: string, bytes: number): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, 0);
  return buffer.toString("utf8", 0, bytesRead);
}

function parseLine(line: string): unknown {
  try {
    return line.trim() === "" ? undefined : (JSON.parse(line) ?? undefined);
  } catch {
    return undefined;
  }
}
