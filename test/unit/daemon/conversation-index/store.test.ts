import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  openMemoryStore,
  openStore,
  StoreFailure,
  type FileMark,
  type Store,
} from "../../../../daemon/conversation-index/store.ts";
import { createWorld, type TemporaryWorld } from "../../../support/temporary-world.ts";

const MARK: FileMark = { device: 2 ** 60, inode: 2 ** 62, size: 30, writtenAt: 1_234.5, readTo: 20, fingerprint: "f" };

let world: TemporaryWorld;
let file: string;
beforeEach(async () => {
  world = await createWorld();
  await mkdir(world.stateDirectory);
  file = join(world.stateDirectory, "state.db");
});
afterEach(() => world.dispose());

const found = (store: Store, ...terms: string[]) => store.match(terms, 10).map(({ path }) => path);

describe("a store", () => {
  test("keeps what was committed, and all of it on close", () => {
    const store = openStore(file);
    const id = store.addFile("/a", MARK, '{"first":1}');
    store.commit();
    store.changeFile(id, "/a", { ...MARK, size: 31 }, '{"second":2}');
    const other = openStore(file);
    expect(other.files()).toEqual([{ ...MARK, id, path: "/a", textTo: -1, reading: '{"first":1}' }]);
    other.close();
    store.close();
    const later = openStore(file);
    expect(later.files()).toMatchObject([{ size: 31, reading: '{"second":2}' }]);
    expect(later.reading(id)).toBe('{"second":2}');
    later.close();
  });

  test("finds what has been added, in its parts and its title, until that is removed", () => {
    const store = openStore(file);
    const [one, two] = [store.addFile("/one", MARK, "{}"), store.addFile("/two", MARK, "{}")];
    store.addText(one, { start: 0, end: 10 }, "alpha beta");
    store.addText(one, { start: 10, end: 20 }, "gamma alpha delta");
    store.addText(two, { start: 5, end: 9 }, "Béta ");
    store.setTitle(two, "alpha title");
    expect(found(store, '"alpha"')).toEqual(["/two", "/one"]);
    expect(found(store, '"alph" *', '"beta"')).toHaveLength(2);
    expect(found(store, '"gamma alpha"')).toEqual(["/one"]);
    expect(store.match(['"delta"'], 5)).toEqual([{ file: one, path: "/one", part: { start: 10, end: 20 } }]);
    expect(store.match(['"title"'], 5)).toEqual([{ file: two, path: "/two" }]);
    expect(found(store, '"alpha"', '"title"')).toEqual(["/two"]);
    store.setTitle(two, "other");
    expect(found(store, '"title"')).toEqual([]);
    store.removeText(one);
    expect(found(store, '"alpha"')).toEqual([]);
    store.removeFile(two);
    expect(found(store, '"beta"')).toEqual([]);
    expect(store.files().map(({ path }) => path)).toEqual(["/one"]);
    store.close();
  });

  test("in memory knows the same, and says that it will not last", () => {
    const store = openMemoryStore();
    store.addFile("/a", MARK, "{}");
    expect(store.files()).toHaveLength(1);
    expect(store.durable).toBe(false);
    store.close();
  });
});

describe("a store that cannot be used says why", () => {
  const troubleOf = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      return error instanceof StoreFailure ? error.trouble : error;
    }
    return "none";
  };

  test("newer, damaged, without its folder", () => {
    openStore(file).close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 77");
    database.close();
    expect(troubleOf(() => openStore(file))).toBe("newer");
    expect(troubleOf(() => openStore(import.meta.filename))).toBe("damaged");
    expect(troubleOf(() => openStore(join(file, "no folder", "state.db")))).toBe("unusable");
  });

  test("locked, when it is opened and when it is written", () => {
    const store = openStore(file);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(troubleOf(() => store.addFile("/a", MARK, "{}"))).toBe("locked");
    other.close();
    store.addFile("/a", MARK, "{}");
    store.close();
  });
});
