import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { messageLine, say, sessionsOf, startIndex } from "../support/conversation-index.ts";
import { startIndexProcess } from "../support/index-process.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

const onLinux = process.platform === "linux";
/** Allows three watches, in a namespace that has limits of its own. */
const LIMITED = ["unshare", "-Ur", "sh", "-c", 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh"];
const canLimit = onLinux && spawnSync(LIMITED[0] as string, [...LIMITED.slice(1), "true"]).status === 0;

function conversation(world: TemporaryWorld, text: string, folder: string): Promise<string> {
  const path = join(sessionsOf(world), folder, `${text}.jsonl`);
  return writeConversation(path, { id: `id-${text}`, cwd: world.work, text });
}

async function watchesOf(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fdinfo`;
  const infos = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8").catch(() => "")),
  );
  return infos.join("\n").match(/^inotify/gm)?.length ?? 0;
}

test.runIf(onLinux)("files cost no watches, folders one each", async () => {
  await using world = await createWorld();
  for (let number = 0; number < 400; number += 1) await conversation(world, `${number}`, `--${number % 20}--`);
  await using running = await startIndexProcess(world);
  const { pid } = await running.until("all of them", ({ titles }) => titles.length === 400);
  await waitFor("all folders to be watched", async () => (await watchesOf(pid)) >= 21);
  for (const folder of [1, 19, 7]) {
    const path = await conversation(world, `more in ${folder}`, `--${folder}--`);
    say(path, "assistant", "done");
  }
  await running.until("the new ones", ({ titles }) => titles.length === 403);
  // Each folder, the root, what holds the root, and what Node itself may watch.
  expect(await watchesOf(pid)).toBeLessThanOrEqual(24);
});

test.runIf(canLimit)("at the system's limit of watches it polls, and says so", async () => {
  await using world = await createWorld();
  for (let number = 0; number < 8; number += 1) await conversation(world, `${number}`, `--${number}--`);
  await using running = await startIndexProcess(world, LIMITED);
  const { state } = await running.until("the refusal", (seen) => seen.state.troubles.length > 0);
  expect(state).toMatchObject({
    state: "ready",
    troubles: [expect.stringContaining("watches no more folders (ENOSPC)")],
  });
  await conversation(world, "new", "--7--");
  await running.until("a new file", ({ titles }) => titles.includes("new"));
  await conversation(world, "newer", "--a new folder--");
  const path = join(sessionsOf(world), "--5--", "5.jsonl");
  appendFileSync(path, `${JSON.stringify({ type: "session_info", id: "n", parentId: null, name: "renamed" })}\n`);
  await running.until("the name", ({ titles }) => titles.includes("renamed"));
  await running.until("a file in a new folder", ({ titles }) => titles.includes("newer"));
});

test("a file that grows by ten megabytes a second is followed in order, and others beside it", async () => {
  await using world = await createWorld();
  const large = await conversation(world, "large", "--one--");
  const small = await conversation(world, "small", "--two--");
  await using running = await startIndex(world);
  await running.index.whenScanned();
  // It may be looked at in the middle of a line, which is news, too.
  const counts: number[] = [];
  const sizes: number[] = [];
  running.index.onChange(({ changed }) => {
    for (const one of changed) {
      if (one.path !== large) continue;
      counts.push(one.reading.messages);
      sizes.push(one.size);
    }
  });
  const line = messageLine("assistant", "growing ".repeat(12_500));
  for (let round = 0; round < 20; round += 1) {
    // A hundred kilobytes each hundredth of a second.
    for (let lines = 0; lines < 10; lines += 1) {
      appendFileSync(large, line);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    say(small, "assistant", `round ${round}`);
    await running.until("the small one", small, ({ reading }) => reading.messages === round + 2);
  }
  await running.until("all of the large one", large, ({ reading }) => reading.messages === 201);
  for (const seen of [counts, sizes]) expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  expect(new Set(sizes).size).toBe(sizes.length);
});

test("fifty files that grow together", async () => {
  await using world = await createWorld();
  const paths: string[] = [];
  for (let number = 0; number < 50; number += 1)
    paths.push(await conversation(world, `${number}`, `--${number % 5}--`));
  await using running = await startIndex(world);
  await running.index.whenScanned();
  for (let round = 0; round < 40; round += 1) for (const path of paths) say(path, "assistant", "word ".repeat(2_000));
  for (const path of paths) await running.until("all of it", path, ({ reading }) => reading.messages === 41);
  await running.untilSearchable();
  expect(await running.index.search({ q: "word", limit: 100 })).toHaveLength(50);
});
