import { open, rm, type FileHandle } from "node:fs/promises";
import { rmSync } from "node:fs";
import { join } from "node:path";

const SEGMENTS = 8;
/** What the disk has not taken yet; beyond it further events are kept in their compact form only. */
const MAX_UNWRITTEN_BYTES = 4 * 1024 * 1024;

interface Segment {
  readonly path: string;
  readonly file: Promise<FileHandle>;
  bytes: number;
}

interface Place {
  readonly segment: Segment;
  readonly at: number;
  readonly bytes: number;
}

/**
 * Whole events on disk, the newest so many bytes of them: eight files in the session's directory, of which the oldest is
 * removed. Those of a host before this one are removed at the start. Nothing waits for the disk, and nothing fails
 * because of it: what could not be written is not there.
 */
export class EventSpill {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #segments: Segment[] = [];
  readonly #places = new Map<number, Place>();
  readonly #unwritten = new Map<number, Buffer>();
  #unwrittenBytes = 0;
  #count = 0;
  #written: Promise<unknown> = Promise.resolve();

  /** Of all files together. */
  constructor(directory: string, bytes: number) {
    this.#directory = directory;
    this.#segmentBytes = bytes / SEGMENTS;
    for (let segment = 0; segment < SEGMENTS; segment += 1) rmSync(this.#path(segment), { force: true });
  }

  keep(seq: number, json: string): void {
    const bytes = Buffer.from(`${json}\n`);
    if (this.#unwrittenBytes + bytes.length > MAX_UNWRITTEN_BYTES) return;
    const segment = this.#segmentFor(bytes.length);
    const place: Place = { segment, at: segment.bytes, bytes: bytes.length };
    segment.bytes += bytes.length;
    this.#places.set(seq, place);
    this.#unwritten.set(seq, bytes);
    this.#unwrittenBytes += bytes.length;
    this.#written = this.#written.then(() => this.#write(seq, bytes, place));
  }

  /** Resolves when the disk has, or could not take, everything until now. */
  async written(): Promise<void> {
    await this.#written;
  }

  /** The whole event as JSON; undefined when it is not kept any more. */
  async read(seq: number): Promise<string | undefined> {
    const waiting = this.#unwritten.get(seq);
    if (waiting) return waiting.toString("utf8", 0, waiting.length - 1);
    const place = this.#places.get(seq);
    if (!place) return undefined;
    try {
      const { buffer } = await (await place.segment.file).read(Buffer.alloc(place.bytes), 0, place.bytes, place.at);
      return buffer.toString("utf8", 0, place.bytes - 1);
    } catch {
      return undefined;
    }
  }

  /** An event that is forgotten is not read again. */
  forget(seq: number): void {
    this.#places.delete(seq);
  }

  async close(): Promise<void> {
    await this.#written;
    for (const segment of this.#segments) await closed(segment);
  }

  async #write(seq: number, bytes: Buffer, { segment, at }: Place): Promise<void> {
    try {
      await (await segment.file).write(bytes, 0, bytes.length, at);
    } catch {
      this.#places.delete(seq);
    } finally {
      this.#unwritten.delete(seq);
      this.#unwrittenBytes -= bytes.length;
    }
  }

  #segmentFor(bytes: number): Segment {
    const present = this.#segments.at(-1);
    if (present && present.bytes + bytes <= this.#segmentBytes) return present;
    if (this.#segments.length === SEGMENTS) this.#dropOldest();
    const path = this.#path(this.#count++ % SEGMENTS);
    const file = this.#written.then(() => open(path, "w+", 0o600));
    // Each use of the file handles the error.
    file.catch(() => undefined);
    const segment: Segment = { path, file, bytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #dropOldest(): void {
    const oldest = this.#segments.shift();
    if (!oldest) return;
    for (const [seq, { segment }] of this.#places) if (segment === oldest) this.#places.delete(seq);
    this.#written = this.#written.then(() => closed(oldest)).then(() => rm(oldest.path, { force: true }));
  }

  #path(segment: number): string {
    return join(this.#directory, `raw-${segment}.jsonl`);
  }
}

async function closed({ file }: Segment): Promise<void> {
  await file.then((handle) => handle.close()).catch(() => undefined);
}
