import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { readJsonFile, writeJsonFile } from "../../../runtime/json-file.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let file: string;
beforeEach(async () => {
  world = await createWorld();
  file = join(world.work, "value.json");
});
afterEach(() => world.dispose());

const Shape = z.object({ name: z.string() });

test("reads back what it wrote, closed to others and without remains", async () => {
  await writeJsonFile(file, { name: "first" });
  await writeJsonFile(file, { name: "second" });
  expect(await readJsonFile(file, Shape)).toEqual({ name: "second" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(world.work)).toEqual(["value.json"]);
});

test("a missing file is undefined", async () => {
  expect(await readJsonFile(file, Shape)).toBeUndefined();
});

test.each([
  ["cut off", '{"name":'],
  ["of another shape", '{"name":1}'],
  ["empty", ""],
  ["binary", "\0\u0001"],
])("a file that is %s is malformed, and the error names it", async (_, text) => {
  await writeFile(file, text);
  await expect(readJsonFile(file, Shape)).rejects.toMatchObject({
    code: "malformed",
    message: expect.stringContaining(file) as string,
  });
});

test("a write that cannot finish leaves the old content and no temporary file", async () => {
  await mkdir(join(world.work, "directory", "inside"), { recursive: true });
  await expect(writeJsonFile(join(world.work, "directory"), { name: "x" })).rejects.toThrow();
  expect(await readdir(world.work)).toEqual(["directory"]);
});

test("readers beside many writers only see whole files", async () => {
  await writeJsonFile(file, { name: "start" });
  const writes = Array.from({ length: 100 }, (_, index) => writeJsonFile(file, { name: "x".repeat(index * 500) }));
  const reads = Array.from({ length: 100 }, () => readJsonFile(file, Shape));
  await Promise.all([...writes, ...reads]);
  expect((await readFile(file, "utf8")).endsWith("}\n")).toBe(true);
});
