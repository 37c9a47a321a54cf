import { hash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import type { FileMark } from "./store.ts";

/** Enough that a file of usual size is one call, and small enough to stay in the processor's cache. */
const BLOCK_BYTES = 512 * 1024;
/** A longer line is passed on as its beginning only. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const LONG_LINE_BEGINNING_BYTES = 64 * 1024;
/** What a fingerprint is made of: the file's first bytes, and the last ones that were read. */
const FINGERPRINT_HEAD_BYTES = 1024;
const FINGERPRINT_TAIL_BYTES = 256;

const LINE_FEED = 10;

/** Reused: one thread reads, one file at a time. */
const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
const fingerprinted = Buffer.allocUnsafeSlow(FINGERPRINT_HEAD_BYTES + FINGERPRINT_TAIL_BYTES);

/**
 * What happened to a file since it was read. `grown` still has to be confirmed by the fingerprint: a file that was
 * truncated and written again may have grown too. A file that was written without growing was not appended to.
 */
export function changeOf(mark: FileMark, now: Stats): "none" | "grown" | "replaced" {
  if (mark.device !== now.dev || mark.inode !== now.ino || now.size < mark.size) return "replaced";
  if (now.size > mark.size) return "grown";
  return now.mtimeMs === mark.writtenAt ? "none" : "replaced";
}

/** What a path is, not what it leads to; undefined when that cannot be found out. */
export function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Calls `use` with the open file and what it is now. Returns undefined, without having waited, when this is no
 * regular file: a pipe or a device may have any name.
 * @throws a system error when it cannot be opened.
 */
export function withFile<T>(path: string, use: (descriptor: number, stats: Stats) => T): T | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() ? use(descriptor, stats) : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Tells this file, read up to `readTo`, from another one with its name: SHA-1 of its beginning and of what was read last. */
export function fingerprintOf(descriptor: number, readTo: number): string {
  const head = Math.min(FINGERPRINT_HEAD_BYTES, readTo);
  const tail = Math.min(FINGERPRINT_TAIL_BYTES, readTo);
  let bytes = readSync(descriptor, fingerprinted, 0, head, 0);
  bytes += readSync(descriptor, fingerprinted, bytes, tail, readTo - tail);
  return hash("sha1", fingerprinted.subarray(0, bytes), "base64");
}

export interface Reach {
  /** Behind the last complete line that was passed on. */
  readTo: number;
  /** No line feed lies between `readTo` and here. */
  searchedTo: number;
}

/**
 * Passes the complete lines between `from` and `size` on, in blocks that are valid during the call only, and says how
 * far it came: to `size`, or as far as `maxBytes` allow, which is always further than `from`.
 * @param searchedTo where a line feed is to be looked for, when that is known to be later than `from`.
 */
export function readLines(
  descriptor: number,
  range: { from: number; searchedTo?: number; size: number; maxBytes: number },
  take: (lines: Buffer, offset: number) => void,
): Reach {
  const { size } = range;
  const end = Math.min(size, Math.max(range.from, range.searchedTo ?? 0) + range.maxBytes);
  let readTo = range.from;
  let searchedTo = Math.max(range.searchedTo ?? 0, readTo);
  while (searchedTo < end) {
    const start = searchedTo;
    const bytes = readSync(descriptor, block, 0, Math.min(BLOCK_BYTES, range.maxBytes, size - start), start);
    if (bytes === 0) break;
    searchedTo = start + bytes;
    const feed =
      start === readTo ? block.lastIndexOf(LINE_FEED, bytes - 1) : block.subarray(0, bytes).indexOf(LINE_FEED);
    if (feed === -1) continue;
    const lineEnd = start + feed + 1;
    if (start === readTo) take(block.subarray(0, feed + 1), start);
    else take(longLine(descriptor, readTo, lineEnd), readTo);
    readTo = searchedTo = lineEnd;
  }
  return { readTo, searchedTo };
}

/** A line that is longer than a block. */
function longLine(descriptor: number, start: number, end: number): Buffer {
  const length = end - start;
  const kept = length <= MAX_LINE_BYTES ? length : LONG_LINE_BEGINNING_BYTES;
  const line = Buffer.alloc(kept);
  let filled = 0;
  while (filled < kept) {
    const bytes = readSync(descriptor, line, filled, kept - filled, start + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  line[kept - 1] = LINE_FEED;
  return line;
}
