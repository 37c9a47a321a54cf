import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { createWorld } from "../../support/temporary-world.ts";

const script = join(import.meta.dirname, "..", "..", "..", "scripts", "test-summary.ts");

async function summary(numPassedTests: number, failed: string[], exitStatus: number): Promise<string[]> {
  await using world = await createWorld();
  const assertionResults = failed.map((fullName) => ({ status: "failed", fullName }));
  const results = { numPassedTests, numFailedTests: failed.length, testResults: [{ assertionResults }] };
  const file = join(world.work, "results.json");
  await writeFile(file, JSON.stringify(results));
  return (await execa(process.execPath, [script, file, String(exitStatus)], { lines: true })).stdout;
}

test("the last line is the verdict", async () => {
  expect(await summary(12, [], 0)).toEqual(["12 passed, 0 failed"]);
  expect(await summary(12, ["a list", "a kill"], 1)).toEqual([
    "failed: a list",
    "failed: a kill",
    "12 passed, 2 failed",
  ]);
});

test("a run that failed without a failed test still has a failure", async () => {
  expect(await summary(12, [], 1)).toEqual(["12 passed, 1 failed"]);
});
