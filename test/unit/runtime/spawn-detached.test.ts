import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spawnDetached } from "../../../runtime/spawn-detached.ts";
import { untilGone } from "../../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let script: string;
let logFile: string;
beforeEach(async () => {
  world = await createWorld();
  script = join(world.work, "program.mjs");
  logFile = join(world.work, "program.log");
});
afterEach(() => world.dispose());

async function start(source: string, stdin?: string) {
  await writeFile(script, source);
  const spawned = await spawnDetached(script, {
    args: ["one", "two"],
    env: { ONLY: "this" },
    report: true,
    logFile,
    stdin: stdin !== undefined,
  });
  if (stdin !== undefined) spawned.send(stdin);
  return spawned;
}

test("the program gets its arguments, its environment and its input, and leads a session of its own", async () => {
  const spawned = await start(
    `import { readFileSync, writeSync } from "node:fs";
     const { PWD, ...env } = process.env;
     const session = readFileSync("/proc/self/stat", "latin1").split(") ")[1].split(" ")[3];
     const facts = { args: process.argv.slice(2), env, input: readFileSync(0, "utf8"), cwd: process.cwd() };
     writeSync(3, JSON.stringify({ ...facts, leads: Number(session) === process.pid }) + "\\nmore");
     console.error("for the log");`,
    "the input",
  );
  expect(JSON.parse((await spawned.report) ?? "")).toEqual({
    args: ["one", "two"],
    env: { ONLY: "this" },
    input: "the input",
    cwd: "/",
    leads: true,
  });
  await untilGone(spawned.pid);
  expect(await readFile(logFile, "utf8")).toContain("for the log");
});

test("a program that ends without a report has none", async () => {
  const spawned = await start("process.exit(3)", "unread ".repeat(100_000));
  expect(await spawned.report).toBeUndefined();
});

test("half a line is no report", async () => {
  const spawned = await start('import { writeSync } from "node:fs"; writeSync(3, "half");');
  expect(await spawned.report).toBeUndefined();
});

test("it can be ended by whoever started it", async () => {
  const spawned = await start(
    'import { writeSync } from "node:fs"; writeSync(3, "up\\n"); setInterval(() => {}, 9e5);',
  );
  expect(await spawned.report).toBe("up");
  spawned.kill();
  await untilGone(spawned.pid);
});

test("a log that cannot be opened does not keep it from starting", async () => {
  logFile = join(world.work, "missing", "x.log");
  const spawned = await start('import { writeSync } from "node:fs"; console.log("x"); writeSync(3, "up\\n");');
  expect(await spawned.report).toBe("up");
  await untilGone(spawned.pid);
});
