import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/**
 * Raised with every change of the tables, and when readings or what is searched come to mean something else: what an
 * older version wrote is then built anew.
 */
const SCHEMA_VERSION = 1;
/** How long another process's lock on the file is waited for; the index does nothing else meanwhile. */
const LOCK_WAIT_MS = 250;
const CACHE_KIB = 2_000;
/** Text is gathered in memory before it is written as one piece of the text index. */
const TEXT_HASH_BYTES = 1024 * 1024;
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

  files(): StoredFile[] {
    const columns = 'id, path, device, inode, size, written_at AS "writtenAt", read_to AS "readTo", fingerprint';
    return this.#all(`SELECT ${columns}, text_to AS "textTo", reading FROM files`) as unknown as StoredFile[];
  }

  /** The reading of a file, as JSON. */
  reading(file: number): string | undefined {
    return this.#get("SELECT reading FROM files WHERE id = ?", file)?.["reading"] as string | undefined;
  }

  /** Enters a file and returns its id. */
  addFile(path: string, mark: FileMark, reading: string): number {
    const values = [mark.device, mark.inode, mark.size, mark.writtenAt, mark.readTo, mark.fingerprint];
    const sql = `INSERT INTO files (path, reading, device, inode, size, written_at, read_to, fingerprint, text_to)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, -1)`;
    return Number(this.#change(sql, path, reading, ...values));
  }

  changeFile(file: number, mark: FileMark, reading: string): void {
    const values = [mark.device, mark.inode, mark.size, mark.writtenAt, mark.readTo, mark.fingerprint];
    const sql = `UPDATE files SET reading = ?, device = ?, inode = ?, size = ?, written_at = ?, read_to = ?, fingerprint = ?
                 WHERE id = ?`;
    this.#change(sql, reading, ...values, file);
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

  /** Forgets all text of a file but its title. */
  removeText(file: number): void {
    this.#change("DELETE FROM passages WHERE rowid IN (SELECT id FROM parts WHERE file = ?)", file);
    this.#change("DELETE FROM parts WHERE file = ?", file);
    this.setTextTo(file, 0);
  }

  /**
   * The files in whose text or title every one of these terms is found: those whose title has them all first, then
   * by how well their best part matches.
   * @param terms each an FTS5 query of one phrase.
   */
  match(terms: readonly string[], limit: number): StoredMatch[] {
    const having = `SELECT rowid AS file FROM titles WHERE titles MATCH ?
      UNION SELECT file FROM parts WHERE id IN (SELECT rowid FROM passages WHERE passages MATCH ?)`;
    const files = terms.map(() => `SELECT file FROM (${having})`).join(" INTERSECT ");
    const sql = `
      WITH found AS MATERIALIZED (${files}),
      named AS MATERIALIZED (SELECT rowid AS file, rank FROM titles WHERE titles MATCH ?),
      said AS MATERIALIZED (
        SELECT parts.file, parts.start, parts."end", min(passages.rank) AS rank
        FROM passages JOIN parts ON parts.id = passages.rowid WHERE passages MATCH ? GROUP BY parts.file)
      SELECT files.id AS file, files.path, said.start, said."end"
      FROM found JOIN files ON files.id = found.file
      LEFT JOIN named ON named.file = found.file LEFT JOIN said ON said.file = found.file
      ORDER BY named.rank IS NULL, named.rank, said.rank, files.written_at DESC LIMIT ?`;
    const each = terms.flatMap((term) => [term, term]);
    const rows = this.#all(sql, ...each, terms.join(" AND "), terms.join(" OR "), limit);
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
  if (version < SCHEMA_VERSION) create(database);
  database.exec(`INSERT INTO passages (passages, rank) VALUES ('hashsize', ${TEXT_HASH_BYTES})`);
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** Makes the tables, in one step, in place of whatever was there. */
function create(database: DatabaseSync): void {
  const text = `fts5(body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2")`;
  database.exec(`
    BEGIN IMMEDIATE;
    DROP TABLE IF EXISTS files;
    DROP TABLE IF EXISTS parts;
    DROP TABLE IF EXISTS passages;
    DROP TABLE IF EXISTS titles;
    -- REAL where a number may have more than 53 bits.
    CREATE TABLE files (
      id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, device REAL NOT NULL, inode REAL NOT NULL,
      size INTEGER NOT NULL, written_at REAL NOT NULL, read_to INTEGER NOT NULL, fingerprint TEXT NOT NULL,
      text_to INTEGER NOT NULL, reading TEXT NOT NULL
    ) STRICT;
    CREATE TABLE parts (
      id INTEGER PRIMARY KEY, file INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX parts_of_file ON parts (file);
    CREATE VIRTUAL TABLE passages USING ${text};
    CREATE VIRTUAL TABLE titles USING ${text};
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT`);
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
