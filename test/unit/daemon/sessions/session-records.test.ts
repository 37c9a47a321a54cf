import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadSessionRecords } from "../../../../daemon/sessions/session-records.ts";
import { SESSION_ID_ALPHABET } from "../../../../protocol/session-id.ts";
import type { SessionRecord } from "../../../../protocol/session.ts";
import { writeJsonFile } from "../../../../runtime/json-file.ts";
import { openLog, type Log } from "../../../../runtime/log.ts";
import { statePaths, type StatePaths } from "../../../../runtime/paths.ts";
import { ensureStateDirectories } from "../../../../runtime/secure-directory.ts";
import { HOST, sessionRecord } from "../../../fixtures/daemon/records.ts";
import { createWorld, type TemporaryWorld } from "../../../support/temporary-world.ts";

let world: TemporaryWorld;
let paths: StatePaths;
let log: Log;
beforeEach(async () => {
  world = await createWorld();
  paths = statePaths(world.env);
  await ensureStateDirectories(paths);
  log = openLog(paths.logFile("daemon"));
});
afterEach(async () => {
  log.close();
  await world.dispose();
});

async function store(record: SessionRecord): Promise<void> {
  await mkdir(paths.sessionDirectory(record.id), { recursive: true });
  await writeJsonFile(paths.sessionRecord(record.id), record);
}

const load = () => loadSessionRecords(paths, log);

test("reads every record, and nothing that is none", async () => {
  await store(sessionRecord("aaaaaaaa"));
  await mkdir(paths.sessionDirectory("bbbbbbbb"));
  await writeFile(join(paths.sessionsDirectory, "notes.txt"), "mine");
  const records = await load();
  expect(records.all().map(({ record }) => record.id)).toEqual(["aaaaaaaa"]);
});

test.each([
  ["half-written", '{"schemaVersion":1,"id":"bbbb'],
  ["of another shape", "{}"],
  ["another session's", JSON.stringify(sessionRecord("cccccccc"))],
])("a record that is %s is kept aside and said; the others are there", async (_, text) => {
  await store(sessionRecord("aaaaaaaa"));
  await mkdir(paths.sessionDirectory("bbbbbbbb"));
  await writeFile(paths.sessionRecord("bbbbbbbb"), text);
  const records = await load();
  expect(records.all().map(({ record }) => record.id)).toEqual(["aaaaaaaa"]);
  expect(await readdir(paths.sessionDirectory("bbbbbbbb"))).toEqual(["session.json.broken"]);
  expect(await readFile(`${paths.sessionRecord("bbbbbbbb")}.broken`, "utf8")).toBe(text);
  expect(await readFile(paths.logFile("daemon"), "utf8")).toContain('"event":"session-record-broken"');
});

test("an ended session is resumable when there is something to go back to", async () => {
  const path = join(world.work, "conversation.jsonl");
  await writeFile(path, "");
  await store(sessionRecord("aaaaaaaa", { conversation: { id: "1", path } }));
  await store(sessionRecord("bbbbbbbb", { conversation: { id: "2", path: `${path}.missing` } }));
  await store(sessionRecord("cccccccc", { conversation: { id: "3" } }));
  await store(sessionRecord("dddddddd"));
  const ephemeral = { conversation: { id: "4" }, attribution: { evidence: "extension" } } as const;
  await store(sessionRecord("gggggggg", ephemeral));
  await store(sessionRecord("eeeeeeee", { agent: "command" }));
  await store(sessionRecord("ffffffff", { host: HOST }));
  const records = await load();
  const resumable = records.all().filter((entry) => entry.resumable);
  expect(resumable.map(({ record }) => record.id).sort()).toEqual(["aaaaaaaa", "cccccccc", "eeeeeeee", "ffffffff"]);
});

test("of ended sessions without a conversation the newest 200 are kept, with their logs", async () => {
  const letters = [...SESSION_ID_ALPHABET];
  const ids = letters.slice(0, 8).flatMap((first) => letters.slice(0, 26).map((second) => `aaaaaa${first}${second}`));
  for (const [age, id] of ids.entries()) {
    await store(sessionRecord(id, { agent: "command", updatedAt: 1_000 - age }));
    await writeFile(paths.logFile(`host-${id}`), "");
  }
  await store(sessionRecord("zzzzzzzz", { agent: "command", updatedAt: 0, host: HOST }));
  await store(sessionRecord("yyyyyyyy", { updatedAt: 0, conversation: { id: "1" } }));
  const records = await load();
  expect(ids).toHaveLength(208);
  expect(records.all()).toHaveLength(202);
  expect(ids.filter((id) => records.get(id) !== undefined)).toEqual(ids.slice(0, 200));
  expect(await readdir(paths.sessionsDirectory)).toHaveLength(202);
  expect((await readdir(paths.logsDirectory)).filter((name) => name.startsWith("host-"))).toHaveLength(200);
  for (const id of ["zzzzzzzz", "yyyyyyyy"]) expect(records.get(id)).toBeDefined();
});

test("what a host says is remembered, not written; what the daemon says is", async () => {
  const records = await load();
  records.remember(sessionRecord("aaaaaaaa", { host: HOST }));
  expect(await readdir(paths.sessionsDirectory)).toEqual([]);
  await records.save(sessionRecord("aaaaaaaa", { name: "mine" }));
  expect((await load()).get("aaaaaaaa")?.record.name).toBe("mine");
});

test("what is read again is never older than what was written meanwhile", async () => {
  const record = sessionRecord("aaaaaaaa", { conversation: { id: "one", path: join(world.work, "one.jsonl") } });
  const records = await load();
  await records.save(record);
  for (let turns = 0; turns < 40; turns += 1) {
    const saved = records.save({ ...record, name: `name ${turns}` });
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    await Promise.all([records.reload(record.id), saved]);
    expect(records.get(record.id)?.record.name).toBe(`name ${turns}`);
  }
});
