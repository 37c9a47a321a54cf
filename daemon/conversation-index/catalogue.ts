import type { Stats } from "node:fs";
import type { ConversationReader, ConversationReading } from "../../adapters/agents/conversation-adapter.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { systemErrorCode } from "../../runtime/failure.ts";
import { changeOf, factsOf, fingerprintOf, readLines, withFile } from "./conversation-file.ts";
import type { ToldFile } from "./messages.ts";
import { StoreFailure, type FileMark, type Store } from "./store.ts";

/** What one look at a file may read; a file that has more is looked at again after the others. */
const LOOK_BYTES = 4 * 1024 * 1024;
/** A file that has not even begun after so much holds no conversation: the rest of it is not read. */
const NO_CONVERSATION_BYTES = 1024 * 1024;
/** A file as it was read last. */
export interface KnownFile extends FileMark {
  id: number;
  path: string;
  /** Up to here its text can be searched for; -1 when not even its title can be. */
  textTo: number;
  /** No line feed lies between `readTo` and here. */
  searchedTo: number;
  /** As JSON, until it has been told. */
  reading?: string | undefined;
}

/** What has happened since it was last asked for. */
export interface Told {
  changed: ToldFile[];
  removed: string[];
}

export interface CatalogueEvents {
  /** There is more text in a file than can be searched for. */
  onText(path: string): void;
  /** A file cannot be read, and could be until now. */
  onUnreadable(path: string, reason: string): void;
}

/** Every file of a conversation: what was read of it, incrementally, and what has been told of it. */
export class Catalogue {
  readonly #reader: ConversationReader;
  readonly #events: CatalogueEvents;
  #store: Store;
  #known = new Map<string, KnownFile>();
  readonly #told = new Set<string>();
  readonly #unreadable = new Set<string>();
  #changed = new Map<string, ToldFile>();
  #removed = new Set<string>();

  constructor(reader: ConversationReader, store: Store, events: CatalogueEvents) {
    this.#reader = reader;
    this.#store = store;
    this.#events = events;
  }

  /** Takes up what a store knows, this one's or another one's; what was told stays told. */
  use(store: Store): void {
    this.#store = store;
    this.#known = new Map();
    for (const file of store.files()) this.#known.set(file.path, { ...file, searchedTo: file.readTo });
  }

  get files(): ReadonlyMap<string, KnownFile> {
    return this.#known;
  }

  /** How many files cannot be read. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** What has changed since the last call. */
  takeTold(): Told | undefined {
    if (this.#changed.size === 0 && this.#removed.size === 0) return undefined;
    const told = { changed: [...this.#changed.values()], removed: [...this.#removed] };
    this.#changed = new Map();
    this.#removed = new Set();
    return told;
  }

  /** True when this file is as it was read, by its facts; it has then been told. */
  isCurrent(path: string, stats: Stats): boolean {
    const known = this.#known.get(path);
    if (known === undefined || changeOf(known, stats) !== "none") return false;
    if (!this.#told.has(path) || known.reading !== undefined) this.#tell(path, known, known.reading);
    return true;
  }

  /** Looks whether a file has changed, and reads what is new in it. True when there is more to read. */
  look(path: string): boolean {
    const stats = factsOf(path);
    if (stats?.isFile()) return !this.isCurrent(path, stats) && this.read(path);
    this.forget(path);
    return false;
  }

  /** Reads what is new in a file. True when there is more to read. */
  read(path: string): boolean {
    try {
      const more = withFile(path, (descriptor, stats) => this.#read(path, descriptor, stats));
      this.#unreadable.delete(path);
      if (more !== undefined) return more;
    } catch (error) {
      if (error instanceof StoreFailure) throw error;
      this.#note(path, error);
    }
    this.forget(path);
    return false;
  }

  forget(path: string): void {
    const known = this.#known.get(path);
    if (known !== undefined) this.#store.removeFile(known.id);
    this.#known.delete(path);
    this.#changed.delete(path);
    if (this.#told.delete(path)) this.#removed.add(path);
  }

  #read(path: string, descriptor: number, stats: Stats): boolean {
    const known = this.#known.get(path);
    const before = known === undefined ? undefined : this.#continued(known, descriptor, stats);
    const from = before === undefined ? 0 : (known?.readTo ?? 0);
    const searchedTo = before === undefined ? 0 : (known?.searchedTo ?? 0);
    let reading = before ?? this.#reader.emptyReading();
    const reach = readLines(descriptor, { from, searchedTo, size: stats.size, maxBytes: LOOK_BYTES }, (lines) => {
      reading = this.#reader.read(reading, lines);
    });
    if (reading.foreign || (reading.header === undefined && reach.readTo >= NO_CONVERSATION_BYTES)) {
      reach.readTo = reach.searchedTo = stats.size;
    }
    const more = reach.searchedTo < stats.size;
    const mark: FileMark = {
      device: stats.dev,
      inode: stats.ino,
      // Of a file that is not read to its end, so that it counts as grown.
      size: reach.searchedTo,
      writtenAt: stats.mtimeMs,
      readTo: reach.readTo,
      fingerprint: fingerprintOf(descriptor, reach.readTo),
    };
    const file = this.#keep(path, mark, reach.searchedTo, { reading, before });
    // Half of a conversation has another end, and so another status.
    if (!more) this.#tell(path, file, JSON.stringify(reading));
    return more;
  }

  /** The reading that this file continues; undefined when it is another file, or was written anew. */
  #continued(known: KnownFile, descriptor: number, stats: Stats): ConversationReading | undefined {
    if (changeOf(known, stats) !== "grown") return undefined;
    if (fingerprintOf(descriptor, known.readTo) !== known.fingerprint) return undefined;
    const reading = known.reading ?? this.#store.reading(known.id);
    return reading === undefined ? undefined : (JSON.parse(reading) as ConversationReading);
  }

  #keep(
    path: string,
    mark: FileMark,
    searchedTo: number,
    { reading, before }: { reading: ConversationReading; before: ConversationReading | undefined },
  ): KnownFile {
    const json = JSON.stringify(reading);
    const known = this.#known.get(path);
    const file = known ?? { id: this.#store.addFile(path, mark, json), path, textTo: -1, ...mark, searchedTo };
    if (known === undefined) this.#known.set(path, file);
    else this.#store.changeFile(file.id, path, mark, json);
    Object.assign(file, mark, { searchedTo, reading: undefined });
    if (known !== undefined && before === undefined) {
      this.#store.removeText(file.id);
      file.textTo = -1;
    } else if (titleOf(reading) !== (before && titleOf(before)) && file.textTo >= 0) {
      this.#store.setTitle(file.id, titleOf(reading));
    }
    if (file.textTo < file.readTo) this.#events.onText(path);
    return file;
  }

  #note(path: string, error: unknown): void {
    if (systemErrorCode(error) === "ENOENT") return;
    if (!this.#unreadable.has(path)) this.#events.onUnreadable(path, errorText(error));
    this.#unreadable.add(path);
  }

  #tell(path: string, file: KnownFile, reading: string | undefined): void {
    const json = reading ?? this.#store.reading(file.id);
    file.reading = undefined;
    if (json === undefined) return;
    this.#told.add(file.path);
    this.#removed.delete(path);
    this.#changed.set(path, [path, json, file.size, file.writtenAt]);
  }
}

/** What a conversation is called and found by: its name, else how it begins. */
export function titleOf(reading: ConversationReading): string | undefined {
  return reading.name ?? reading.firstMessage;
}
