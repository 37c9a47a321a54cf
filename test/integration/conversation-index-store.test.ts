import { spawnSync } from "node:child_process";
import { mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { say, sessionsOf, startIndex } from "../support/conversation-index.ts";
import { startIndexProcess } from "../support/index-process.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

function conversation(world: TemporaryWorld, text: string): Promise<string> {
  const path = join(sessionsOf(world), "--work--", `${text}.jsonl`);
  return writeConversation(path, { id: `id-${text}`, cwd: world.work, text });
}

function storeOf(world: TemporaryWorld): string {
  return join(world.stateDirectory, "state.db");
}

/** Has an index write its store, and ends it. */
async function written(world: TemporaryWorld): Promise<void> {
  await using running = await startIndex(world);
  await running.untilSearchable();
}

test("the store is the user's alone, and complete after a clean end", async () => {
  await using world = await createWorld();
  await conversation(world, "kept");
  await written(world);
  expect((await stat(storeOf(world))).mode & 0o777).toBe(0o600);
  expect((await readdir(world.stateDirectory)).filter((name) => name.startsWith("state.db"))).toEqual(["state.db"]);
  await using running = await startIndex(world);
  await running.index.whenScanned();
  expect(await running.index.search({ q: "kept", limit: 5 })).toHaveLength(1);
});

test("a SIGKILL at any time loses nothing that the next index does not find", async () => {
  await using world = await createWorld();
  const paths: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    await using running = await startIndexProcess(world);
    for (let count = 0; count < 20; count += 1) paths.push(await conversation(world, `${round}-${count}`));
    for (const path of paths) say(path, "assistant", `round ${round}`);
    await running.until("some of it", ({ titles }) => titles.length > round * 20);
    await running.kill();
  }
  await using running = await startIndex(world);
  await running.untilSearchable();
  expect(running.titles).toHaveLength(80);
  for (const [at, path] of paths.entries()) {
    expect(running.index.get(path)?.reading.messages).toBe(1 + 4 - Math.floor(at / 20));
  }
  expect(await running.index.search({ q: '"round 3"', limit: 100 })).toHaveLength(80);
  expect(await running.index.search({ q: '"round 0"', limit: 100 })).toHaveLength(20);
});

test.each([
  ["no database at all", async (store: string) => writeFile(store, "this is no database".repeat(1_000))],
  ["pages of noise", (store: string) => overwrite(store, Buffer.alloc(12_288, 0xa5), 4_096)],
  ["tables that are missing", (store: string) => Promise.resolve(sql(store, "DROP TABLE files"))],
  ["a text index without its tables", (store: string) => Promise.resolve(sql(store, "DROP TABLE passages"))],
])("a damaged store (%s) is kept aside, built anew, and said", async (_, damage) => {
  await using world = await createWorld();
  await conversation(world, "one");
  await conversation(world, "two");
  await writeFile(join(await privateState(world), "state.db.broken-before"), "an earlier one");
  await written(world);
  await damage(storeOf(world));
  await using running = await startIndex(world);
  await running.untilSearchable();
  expect(running.titles).toEqual(["one", "two"]);
  expect(await running.index.search({ q: "two", limit: 5 })).toHaveLength(1);
  const kept = (await readdir(world.stateDirectory)).filter((name) =>
    /^state\.db\.broken-[^-]+-[^-]+-\w+-\w+-\w+-\w+$/.test(name),
  );
  expect(kept).toHaveLength(1);
  expect(await readdir(world.stateDirectory)).not.toContain("state.db.broken-before");
  expect(running.index.state().troubles).toEqual([
    expect.stringContaining(`kept as ${join(world.stateDirectory, kept[0] ?? "")}`),
  ]);
  expect(await readFile(running.log, "utf8")).toContain("index-store-damaged");
});

test("what somebody else has changed in the store is read again", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "read again");
  await conversation(world, "other");
  await written(world);
  sql(storeOf(world), `UPDATE files SET reading = '{"messages":"many"}' WHERE path LIKE '%again%'`);
  await using running = await startIndex(world);
  await running.until("the reading", path, ({ reading }) => reading.messages === 1);
  await running.index.whenScanned();
  expect(running.titles).toEqual(["other", "read again"]);
});

test("damage that shows later is dealt with then", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "one");
  await using running = await startIndex(world);
  await running.untilSearchable();
  sql(storeOf(world), "DELETE FROM passages_data");
  await waitFor("the damage to be noticed", async () => {
    await running.index.search({ q: "one", limit: 5 }).catch(() => undefined);
    return running.index.state().troubles.length > 0;
  });
  say(path, "assistant", "said after the damage");
  await running.until("what was said", path, ({ reading }) => reading.messages === 2);
  await waitFor(
    "it to be found",
    async () => (await running.index.search({ q: '"said after"', limit: 5 })).length === 1,
  );
  expect(running.index.state().troubles).toEqual([expect.stringContaining("damaged")]);
});

test("a store of a newer version is left alone; the list works, the search refuses", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "listed");
  await written(world);
  sql(storeOf(world), "PRAGMA user_version = 1000");
  const before = await readFile(storeOf(world));
  await using running = await startIndex(world);
  await running.index.whenScanned();
  expect(running.titles).toEqual(["listed"]);
  say(path, "assistant", "done");
  await running.until("the answer", path, ({ reading }) => reading.messages === 2);
  expect(running.index.state()).toMatchObject({
    state: "unavailable",
    troubles: [expect.stringContaining("newer pisync")],
  });
  await expect(running.index.search({ q: "listed", limit: 5 })).rejects.toMatchObject({
    code: "store-newer",
    next: expect.stringContaining("delete the file") as string,
  });
  expect(await readFile(storeOf(world))).toEqual(before);
});

test("a store of an older version is built anew", async () => {
  await using world = await createWorld();
  await conversation(world, "old");
  await mkdir(world.stateDirectory, { mode: 0o700 });
  sql(storeOf(world), "CREATE TABLE files (something)");
  await using running = await startIndex(world);
  await running.untilSearchable();
  expect(await running.index.search({ q: "old", limit: 5 })).toHaveLength(1);
  expect(running.index.state().troubles).toEqual([]);
});

test("a store that another program has locked: the list works, and all is well when it is free", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "listed");
  await written(world);
  const other = new DatabaseSync(storeOf(world));
  other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE files SET size = size");
  await using running = await startIndex(world);
  await running.index.whenScanned();
  expect(running.titles).toEqual(["listed"]);
  say(path, "assistant", "done");
  await running.until("the answer", path, ({ reading }) => reading.messages === 2);
  expect(running.index.state()).toMatchObject({ state: "unavailable", troubles: [expect.stringContaining("locked")] });
  await expect(running.index.search({ q: "listed", limit: 5 })).rejects.toMatchObject({ code: "store-unavailable" });
  other.close();
  await waitFor("the store to be used again", () => running.index.state().state === "ready", { deadlineMs: 50_000 });
  await running.untilSearchable();
  expect(await running.index.search({ q: "done", limit: 5 })).toHaveLength(1);
  expect(running.index.state().troubles).toEqual([]);
});

test("a store that cannot be written, from the start or later: the list works, and that is said", async () => {
  await using world = await createWorld();
  const path = await conversation(world, "listed");
  await mkdir(join(await privateState(world), "state.db"));
  await using running = await startIndex(world);
  await running.index.whenScanned();
  say(path, "assistant", "done");
  await running.until("the answer", path, ({ reading }) => reading.messages === 2);
  expect(running.index.state()).toMatchObject({
    state: "unavailable",
    troubles: [expect.stringContaining("cannot be written")],
  });
});

/** A file system of 200 KiB as the state directory, in a namespace of its own. */
const SMALL_DISK = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=200k none "$0" && exec "$@"'];
const canMount = spawnSync("unshare", [...SMALL_DISK.slice(1), "/mnt", "true"]).status === 0;

test.runIf(canMount)("a full disk: the list works, and that is said", async () => {
  await using world = await createWorld();
  for (let number = 0; number < 200; number += 1) await conversation(world, `number ${number}`);
  await using running = await startIndexProcess(world, [...SMALL_DISK, await privateState(world)]);
  const { state } = await running.until("all of them", ({ titles, state }) => {
    return titles.length === 200 && state.state === "unavailable";
  });
  expect(state.troubles).toEqual([expect.stringContaining("Make room on the disk")]);
  await conversation(world, "one more");
  await running.until("one more", ({ titles }) => titles.includes("one more"));
});

async function privateState(world: TemporaryWorld): Promise<string> {
  await mkdir(world.stateDirectory, { mode: 0o700, recursive: true });
  return world.stateDirectory;
}

function sql(store: string, statement: string): void {
  const database = new DatabaseSync(store, { timeout: 5_000, defensive: false });
  database.exec(statement);
  database.close();
}

async function overwrite(file: string, bytes: Buffer, at: number): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, at);
  await handle.close();
}
