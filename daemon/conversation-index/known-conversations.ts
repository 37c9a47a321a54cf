import { basename, dirname, join } from "node:path";
import type { ConversationReading } from "../../adapters/agents/conversation-adapter.ts";
import type { ToldFile } from "./messages.ts";

/** A conversation's file as it was read last. Replaced by another object when anything changes. */
export interface IndexedConversation {
  /** Its real path. */
  readonly path: string;
  readonly reading: ConversationReading & { readonly header: NonNullable<ConversationReading["header"]> };
  /** Bytes. */
  readonly size: number;
  /** Its modification time, milliseconds since the epoch. */
  readonly writtenAt: number;
}

export interface IndexChange {
  changed: readonly IndexedConversation[];
  /** Paths. */
  removed: readonly string[];
}

/** Links on one way to a file; more are a circle that was made of links that changed. */
const MAX_LINKS = 8;

/** What the index thread has told, by path and by id. */
export class KnownConversations {
  readonly #byPath = new Map<string, IndexedConversation>();
  readonly #pathsById = new Map<string, string[]>();
  readonly #links = new Map<string, string>();
  /** Told by a thread that has ended, and not by the present one. */
  #unconfirmed = new Set<string>();

  get size(): number {
    return this.#byPath.size;
  }

  all(): Iterable<IndexedConversation> {
    return this.#byPath.values();
  }

  /** By its real path, or one that leads there through links in the places that are watched. */
  get(path: string): IndexedConversation | undefined {
    return this.#byPath.get(path) ?? this.#byPath.get(this.#follow(path));
  }

  byId(id: string): IndexedConversation[] {
    const found = (this.#pathsById.get(id) ?? []).flatMap((path) => this.#byPath.get(path) ?? []);
    return found.sort((left, right) => activityOf(right) - activityOf(left));
  }

  link(links: readonly [from: string, to: string][]): void {
    for (const [from, to] of links) this.#links.set(from, to);
  }

  /** Everything has to be told again, by another thread. */
  doubt(): void {
    this.#unconfirmed = new Set(this.#byPath.keys());
  }

  /** Everything was told again: the rest is gone. */
  confirm(): IndexChange | undefined {
    const gone = [...this.#unconfirmed];
    this.#unconfirmed.clear();
    return this.take([], gone);
  }

  /** Enters what was told; undefined when that changes nothing. */
  take(told: readonly ToldFile[], gone: readonly string[]): IndexChange | undefined {
    const changed: IndexedConversation[] = [];
    const removed = gone.filter((path) => this.#remove(path));
    for (const [path, json, size, writtenAt] of told) {
      this.#unconfirmed.delete(path);
      const known = this.#remove(path);
      const reading = JSON.parse(json) as ConversationReading;
      if (hasHeader(reading)) changed.push(this.#enter({ path, reading, size, writtenAt }));
      else if (known) removed.push(path);
    }
    return changed.length === 0 && removed.length === 0 ? undefined : { changed, removed };
  }

  #follow(path: string, followed = 0): string {
    if (followed === MAX_LINKS) return path;
    for (let link = path, rest = ""; link !== dirname(link); rest = join(basename(link), rest), link = dirname(link)) {
      const to = this.#links.get(link);
      if (to !== undefined) return this.#follow(join(to, rest), followed + 1);
    }
    return path;
  }

  #enter(conversation: IndexedConversation): IndexedConversation {
    const { path, reading } = conversation;
    this.#byPath.set(path, conversation);
    const { id } = reading.header;
    const others = this.#pathsById.get(id);
    if (others === undefined) this.#pathsById.set(id, [path]);
    else others.push(path);
    return conversation;
  }

  #remove(path: string): boolean {
    const id = this.#byPath.get(path)?.reading.header.id;
    if (id === undefined) return false;
    this.#byPath.delete(path);
    this.#unconfirmed.delete(path);
    const others = this.#pathsById.get(id)?.filter((other) => other !== path) ?? [];
    if (others.length > 0) this.#pathsById.set(id, others);
    else this.#pathsById.delete(id);
    return true;
  }
}

function hasHeader(reading: ConversationReading): reading is IndexedConversation["reading"] {
  return reading.header !== undefined;
}

function activityOf({ reading, writtenAt }: IndexedConversation): number {
  return reading.lastActivity ?? writtenAt;
}
