import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { untilNoneMention } from "../../support/processes.ts";

const fixtures = join(import.meta.dirname, "..", "..", "fixtures", "leaks");
const vitest = join(import.meta.dirname, "..", "..", "..", "node_modules", "vitest", "vitest.mjs");

/** Runs one fixture with a vitest of its own; the check is all that can fail in it. */
async function runFixture(name: string): Promise<{ exitCode: number | undefined; output: string; root: string }> {
  const { exitCode, all } = await execa(process.execPath, [vitest, "run", "--root", fixtures, name], {
    all: true,
    reject: false,
    env: { NO_COLOR: "1" },
  });
  return { exitCode, output: all, root: /\/\S*\/pst-\w+/.exec(all)?.[0] ?? "" };
}

test.concurrent.each([
  ["process", /left behind:\n\s+process \d+: sleep 300/],
  ["world", /left behind:\n\s+\S+\/pst-/],
  ["tmux", /left behind:\n(\s+process \d+: (tmux|sh|.*sh).*\n)+/],
])("a test that leaves a %s fails the run, and what is left is removed", async (name, complaint) => {
  const { exitCode, output, root } = await runFixture(name);
  expect(output).toContain("1 passed");
  expect(output).toMatch(complaint);
  expect(exitCode).toBe(1);
  // They were sent SIGKILL, which ends a process when it gets a core the next time.
  if (root !== "") expect(await untilNoneMention(root, 5_000)).toEqual([]);
});

test.concurrent.each([
  ["a process", "host"],
  ["one that another starts at its end", "successor"],
])("%s that the state directory records ends with its world", async (_, name) => {
  const { exitCode, output } = await runFixture(name);
  expect(output).toContain("1 passed");
  expect(exitCode).toBe(0);
});
