import { hash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CREATE_SQL, matchSql, SCHEMA_VERSION } from "./store-schema.ts";

/** How long another process's lock on the file is waited for; the index does nothing else meanwhile. */
const LOCK_WAIT_MS = 250;
const CACHE_KIB = 2_000;
const MAX_JOURNAL_BYTES = 4 * 1024 * 1024;

/** `newer`: written by a newer pisync. `damaged`: no database, or a broken one. `unusable`: full disk, no right, … */
export type StoreTrouble = "newer" | "damaged" | "locked" | "unusable";

/** Every failure of a store. The store is of no more use; a new one has to be opened. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, message: string, cause?: unknown) {
    super(message, { cause });
    this.trouble = trouble;
  }
}

/** How far a file has been read, and how it is recognised again. */
export interface FileMark {
  device: number;
  inode: number;
  /** Bytes, and modification time in milliseconds, when it was last read. */
  size: number;
  writtenAt: number;
  /** Behind the last complete line that was read, in bytes. */
  readTo: number;
  /** Of its beginning and of what precedes `readTo`. */
  fingerprint: string;
}

export interface StoredFile extends FileMark {
  id: number;
  path: string;
  /** Up to here its text can be searched for, in bytes; -1 when not even its title can be. */
  textTo: number;
  /** As JSON. */
  reading: string;
}

const ALL_FILES = `SELECT id, path, device, inode, size, written_at, read_to, fingerprint, text_to, reading, checksum
                   FROM files`;
type FileRow = [
  id: number,
  path: string,
  device: number,
  inode: number,
  size: number,
  writtenAt: number,
  readTo: number,
  fingerprint: string,
  textTo: number,
  reading: string,
  checksum: string,
];

/** Undefined for a row that was not written by this class, or has been damaged. */
function storedFile(row: FileRow): StoredFile | undefined {
  const [id, path, device, inode, size, writtenAt, readTo, fingerprint, textTo, reading, checksum] = row;
  const file: StoredFile = { id, path, device, inode, size, writtenAt, readTo, fingerprint, textTo, reading };
  return checksum === checksumOf(path, file, reading) ? file : undefined;
}

function valuesOf(path: string, mark: FileMark, reading: string): SQLInputValue[] {
  const { device, inode, size, writtenAt, readTo, fingerprint } = mark;
  return [device, inode, size, writtenAt, readTo, fingerprint, reading, checksumOf(path, mark, reading)];
}

/** Not against anybody who means to deceive: the file is its user's own. */
function checksumOf(path: string, { size, readTo, fingerprint }: FileMark, reading: string): string {
  return hash("sha1", `${path}\n${size} ${readTo} ${fingerprint}\n${reading}`, "base64");
}

/** A conversation that matches, the best first. */
export interface StoredMatch {
  file: number;
  path: string;
  /** The part of the file that matches best; absent where only the title matches. */
  part?: { start: number; end: number };
}

/**
 * What is known of conversations, in SQLite: facts of each file, and an index of its text in parts. It holds no
 * text: what a part says is read from the conversation. A cache of what is on disk, which may be deleted.
 *
 * Everything is synchronous and throws StoreFailure. Changes are kept in one transaction until `commit`, so facts
 * and text of a file agree after a crash.
 */
export class Store {
  /** False for a store in memory. */
  readonly durable: boolean;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #open = false;

  /** Use openStore() or openMemoryStore(). */
  constructor(database: DatabaseSync, durable: boolean) {
    this.#database = database;
    this.durable = durable;
  }

  /** True while there is something to commit. */
  get uncommitted(): boolean {
    return this.#open;
  }

  /** Every file. What was not written by this class, or has been damaged, is forgotten instead. */
  files(): StoredFile[] {
    const files: StoredFile[] = [];
    const strange: number[] = [];
    this.#run(() => {
      const statement = this.#statement(ALL_FILES);
      // A quarter less time than rows as objects take.
      statement.setReturnArrays(true);
      for (const row of statement.iterate() as unknown as Iterable<FileRow>) {
        const file = storedFile(row);
        if (file === undefined) strange.push(row[0]);
        else files.push(file);
      }
    });
    for (const id of strange) this.removeFile(id);
    return files;
  }

  /** The reading of a file, as JSON. */
  reading(file: number): string | undefined {
    return this.#get("SELECT reading FROM files WHERE id = ?", file)?.["reading"] as string | undefined;
  }

  /** Enters a file and returns its id. */
  addFile(path: string, mark: FileMark, reading: string): number {
    const sql = `INSERT INTO files (path, device, inode, size, written_at, read_to, fingerprint, reading, checksum, text_to)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, -1)`;
    return Number(this.#change(sql, path, ...valuesOf(path, mark, reading)));
  }

  changeFile(file: number, path: string, mark: FileMark, reading: string): void {
    const sql = `UPDATE files SET device = ?, inode = ?, size = ?, written_at = ?, read_to = ?, fingerprint = ?, reading = ?,
                 checksum = ? WHERE id = ?`;
    this.#change(sql, ...valuesOf(path, mark, reading), file);
  }

  removeFile(file: number): void {
    this.removeText(file);
    this.setTitle(file, undefined);
    this.#change("DELETE FROM files WHERE id = ?", file);
  }

  /** What is searched as the title of a file. */
  setTitle(file: number, title: string | undefined): void {
    this.#change("DELETE FROM titles WHERE rowid = ?", file);
    if (title !== undefined) this.#change("INSERT INTO titles (rowid, body) VALUES (?, ?)", file, title);
  }

  /** Adds the text of a part of a file. */
  addText(file: number, part: { start: number; end: number }, text: string): void {
    const id = this.#change('INSERT INTO parts (file, start, "end") VALUES (?, ?, ?)', file, part.start, part.end);
    this.#change("INSERT INTO passages (rowid, body) VALUES (?, ?)", Number(id), text);
  }

  setTextTo(file: number, textTo: number): void {
    this.#change("UPDATE files SET text_to = ? WHERE id = ?", textTo, file);
  }

  /** Forgets the text of a file; its title, too, is to be set again. */
  removeText(file: number): void {
    this.#change("DELETE FROM passages WHERE rowid IN (SELECT id FROM parts WHERE file = ?)", file);
    this.#change("DELETE FROM parts WHERE file = ?", file);
    this.setTextTo(file, -1);
  }

  /**
   * The files in whose text or title every one of these terms is found: those whose title has them all first, then
   * by how well their best part matches.
   * @param terms each an FTS5 query of one phrase.
   */
  match(terms: readonly string[], limit: number): StoredMatch[] {
    const each = terms.flatMap((term) => [term, term]);
    const rows = this.#all(matchSql(terms.length), ...each, terms.join(" AND "), terms.join(" OR "), limit);
    return (rows as { file: number; path: string; start: number | null; end: number | null }[]).map(
      ({ file, path, start, end }) => ({
        file,
        path,
        ...(start === null || end === null ? {} : { part: { start, end } }),
      }),
    );
  }

  commit(): void {
    if (!this.#open) return;
    this.#run(() => this.#database.exec("COMMIT"));
    this.#open = false;
  }

  /** Keeps what was changed, as far as that is possible, and lets go of the file. Never throws. */
  close(): void {
    try {
      if (this.#open) this.#database.exec("COMMIT");
    } catch {
      // It is a cache: what is missing in it is read again.
    }
    try {
      // The last connection to a database in WAL mode also brings its journal in.
      this.#database.close();
    } catch {
      // As above.
    }
  }

  #change(sql: string, ...values: SQLInputValue[]): number | bigint {
    return this.#run(() => {
      if (!this.#open) this.#database.exec("BEGIN IMMEDIATE");
      this.#open = true;
      return this.#statement(sql).run(...values).lastInsertRowid;
    });
  }

  #get(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#run(() => this.#statement(sql).get(...values));
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#run(() => this.#statement(sql).all(...values));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  #run<T>(action: () => T): T {
    return asFailure(action);
  }
}

/**
 * Opens the store in this file, which is created or, when an older pisync wrote it, emptied.
 * @throws StoreFailure
 */
export function openStore(file: string): Store {
  return asFailure(() => {
    // SQLite gives the journals the mode of the database.
    closeSync(openSync(file, "a", 0o600));
    const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
    try {
      prepare(database);
      return new Store(database, true);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** A store that lasts as long as this process. */
export function openMemoryStore(): Store {
  const database = new DatabaseSync(":memory:");
  prepare(database);
  return new Store(database, false);
}

function prepare(database: DatabaseSync): void {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA journal_size_limit = ${MAX_JOURNAL_BYTES}`);
  const version = versionOf(database);
  if (version > SCHEMA_VERSION) {
    throw new StoreFailure("newer", `The store has version ${version}; this pisync knows version ${SCHEMA_VERSION}.`);
  }
  if (version < SCHEMA_VERSION) database.exec(CREATE_SQL);
  // Fails when one of them is missing.
  database.prepare("SELECT 1 FROM files, parts, passages, titles LIMIT 0").all();
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** SQLite's primary result codes. */
const TROUBLES: Record<number, StoreTrouble> = { 1: "damaged", 5: "locked", 6: "locked", 11: "damaged", 26: "damaged" };

function asFailure<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof StoreFailure) throw error;
    const code = error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreFailure(TROUBLES[code & 0xff] ?? "unusable", message, error);
  }
}
