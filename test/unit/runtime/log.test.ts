import { readFile, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLog } from "../../../runtime/log.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let file: string;
beforeEach(async () => {
  world = await createWorld();
  file = join(world.work, "x.log");
});
afterEach(() => world.dispose());

async function lines(path = file): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("writes a JSON object a line, closed to others, and adds to what is there", async () => {
  for (const event of ["first", "second"]) {
    const log = openLog(file);
    log.warn(event, { count: 2, absent: undefined });
    log.close();
  }
  expect(await lines()).toMatchObject([
    { level: "warn", event: "first", count: 2 },
    { level: "warn", event: "second" },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("text from outside is plain and bounded", async () => {
  const log = openLog(file);
  log.info("x", { title: `\u009b2J\u202e${"y".repeat(10_000)}` });
  log.close();
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/[\u0080-\u009f\u202e]/u);
  expect(text.length).toBeLessThan(1_200);
});

test("after 1 MiB the log starts again and one older file is kept", async () => {
  const log = openLog(file);
  for (let index = 0; index < 3_000; index += 1) log.info("x", { index, filler: "y".repeat(990) });
  log.close();
  expect((await readdir(world.work)).sort()).toEqual(["x.log", "x.log.1"]);
  for (const name of [file, `${file}.1`]) expect((await stat(name)).size).toBeLessThanOrEqual(1024 * 1024);
  const [newest, older] = [await lines(), await lines(`${file}.1`)];
  expect(newest.at(-1)).toMatchObject({ index: 2_999 });
  expect(older.at(-1)?.index).toBe((newest[0]?.index as number) - 1);
});

test.runIf(process.platform === "linux")("a full disk drops lines without a word and says later how many", async () => {
  await symlink("/dev/full", file);
  const log = openLog(file);
  log.info("lost");
  log.info("lost");
  await rm(file);
  log.info("kept");
  log.info("next");
  log.close();
  expect(await lines()).toMatchObject([{ event: "kept", droppedBefore: 2 }, { event: "next" }]);
});

test("a folder that is gone, or a closed log, throws nothing", async () => {
  const log = openLog(join(world.work, "missing", "x.log"));
  log.error("x");
  log.close();
  log.close();
  const other = openLog(file);
  other.info("x");
  await rename(file, `${file}.moved`);
  other.info("y");
  other.close();
});
