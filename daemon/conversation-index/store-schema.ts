/**
 * Raised with every change of the tables, and when readings or what is searched come to mean something else: what an
 * older version wrote is then built anew.
 */
export const SCHEMA_VERSION = 1;

/** Holds no text, only where which word is (docs/adr/0084). */
const TEXT_INDEX = `fts5(body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2")`;

/** Makes the tables, in one step, in place of whatever was there. */
export const CREATE_SQL = `
  BEGIN IMMEDIATE;
  DROP TABLE IF EXISTS files;
  DROP TABLE IF EXISTS parts;
  DROP TABLE IF EXISTS passages;
  DROP TABLE IF EXISTS titles;
  -- REAL where a number may have more than 53 bits.
  CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, device REAL NOT NULL, inode REAL NOT NULL,
    size INTEGER NOT NULL, written_at REAL NOT NULL, read_to INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    text_to INTEGER NOT NULL, reading TEXT NOT NULL, checksum TEXT NOT NULL
  ) STRICT;
  CREATE TABLE parts (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX parts_of_file ON parts (file);
  CREATE VIRTUAL TABLE passages USING ${TEXT_INDEX};
  CREATE VIRTUAL TABLE titles USING ${TEXT_INDEX};
  PRAGMA user_version = ${SCHEMA_VERSION};
  COMMIT`;

/**
 * Finds the files in whose text or title each of so many terms is found, those whose title has all of them first, then
 * by how well the best part matches. Takes each term twice, then all of them joined by AND, by OR, and a limit.
 */
export function matchSql(terms: number): string {
  const having = `SELECT rowid AS file FROM titles WHERE titles MATCH ?
    UNION SELECT file FROM parts WHERE id IN (SELECT rowid FROM passages WHERE passages MATCH ?)`;
  return `
    WITH found AS MATERIALIZED (${Array(terms).fill(`SELECT file FROM (${having})`).join(" INTERSECT ")}),
    named AS MATERIALIZED (SELECT rowid AS file, rank FROM titles WHERE titles MATCH ?),
    said AS MATERIALIZED (
      SELECT parts.file, parts.start, parts."end", min(passages.rank) AS rank
      FROM passages JOIN parts ON parts.id = passages.rowid WHERE passages MATCH ? GROUP BY parts.file)
    SELECT files.id AS file, files.path, said.start, said."end"
    FROM found JOIN files ON files.id = found.file
    LEFT JOIN named ON named.file = found.file LEFT JOIN said ON said.file = found.file
    ORDER BY named.rank IS NULL, named.rank, said.rank, files.written_at DESC LIMIT ?`;
}
