import type { ConversationReader, ConversationReading, Passage } from "../../adapters/agents/conversation-adapter.ts";
import { systemErrorCode } from "../../runtime/failure.ts";
import { withoutEscapeSequences } from "../../runtime/sanitise.ts";
import { titleOf, type Catalogue, type KnownFile } from "./catalogue.ts";
import { fingerprintOf, readLines, withFile, type Reach } from "./conversation-file.ts";
import { searchableText } from "./query.ts";
import type { Store } from "./store.ts";

/** As much of a file as becomes one part of the text index, and as is read again to show where a word was found. */
const PART_BYTES = 128 * 1024;
/** What is searched of a part, about: it has more only when one line is longer than a part. */
const MAX_PART_CHARACTERS = 1024 * 1024;

/** Makes the text of conversations searchable, file by file in the order in which they were added, part by part. */
export class TextIndex {
  readonly #reader: ConversationReader;
  readonly #catalogue: Catalogue;
  readonly #waiting = new Set<string>();
  readonly #fresh = new Set<string>();

  constructor(reader: ConversationReader, catalogue: Catalogue) {
    this.#reader = reader;
    this.#catalogue = catalogue;
  }

  /** True when `step` has nothing to do. */
  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  /** True when every text can be searched. */
  get complete(): boolean {
    return this.#waiting.size === 0 && this.#fresh.size === 0;
  }

  /** Bytes of conversations that cannot be searched yet. */
  get pendingBytes(): number {
    let bytes = 0;
    for (const path of [...this.#waiting, ...this.#fresh]) {
      const file = this.#catalogue.files.get(path);
      if (file !== undefined) bytes += file.readTo - Math.max(0, file.textTo);
    }
    return bytes;
  }

  /** Has a file wait, after the next `ripen`: one that grows is not read at each of its lines. */
  add(path: string): void {
    this.#fresh.add(path);
  }

  /** What was added until now is to be read. */
  ripen(): void {
    for (const path of this.#fresh) this.#waiting.add(path);
    this.#fresh.clear();
  }

  /** Has every file wait that cannot be searched as far as it was read, the one written last first. */
  addAll(): void {
    const behind: KnownFile[] = [];
    for (const file of this.#catalogue.files.values()) if (file.textTo < file.readTo) behind.push(file);
    behind.sort((left, right) => right.writtenAt - left.writtenAt);
    this.#waiting.clear();
    this.#fresh.clear();
    for (const { path } of behind) this.#waiting.add(path);
  }

  /** Makes one part of one file searchable. */
  step(store: Store): void {
    const [path] = this.#waiting;
    if (path === undefined) return;
    const file = this.#catalogue.files.get(path);
    if (file === undefined || !this.#read(path, file, store)) this.#waiting.delete(path);
  }

  /** True when there is more. */
  #read(path: string, file: KnownFile, store: Store): boolean {
    if (file.textTo < 0 && !enterTitle(file, store)) return false;
    const from = file.textTo;
    try {
      withFile(path, (descriptor) => {
        // Another file by now: it is going to be read, and then added again.
        if (fingerprintOf(descriptor, file.readTo) !== file.fingerprint) return;
        file.textTo = this.#readPart(descriptor, file, store);
      });
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
    store.setTextTo(file.id, file.textTo);
    return file.textTo > from && file.textTo < file.readTo;
  }

  #readPart(descriptor: number, { id, textTo: from, readTo: size }: KnownFile, store: Store): number {
    let reach: Reach = { readTo: from, searchedTo: from };
    // More than once only for a line that is longer than a part.
    while (reach.readTo === from && reach.searchedTo < size) {
      reach = readLines(
        descriptor,
        { from, searchedTo: reach.searchedTo, size, maxBytes: PART_BYTES },
        (lines, offset) => {
          const text = textOf(this.#reader.passages(lines, offset));
          if (text !== "") store.addText(id, { start: offset, end: offset + lines.length }, text);
        },
      );
    }
    return reach.readTo;
  }
}

/** False for a file that holds no conversation. */
function enterTitle(file: KnownFile, store: Store): boolean {
  const reading = JSON.parse(store.reading(file.id) ?? "{}") as Partial<ConversationReading>;
  if (reading.header === undefined) return false;
  store.setTitle(file.id, titleOf(reading as ConversationReading));
  file.textTo = 0;
  return true;
}

function textOf(passages: readonly Passage[]): string {
  let text = "";
  for (const passage of passages) {
    if (text.length > MAX_PART_CHARACTERS) break;
    text += `${searchableText(withoutEscapeSequences(passage.text))}\n`;
  }
  return text;
}
