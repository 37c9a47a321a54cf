import { appendFileSync } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { messageLine, say, sessionsOf, startIndex, titleOf } from "../support/conversation-index.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

/** The file of a conversation that begins with `text`, in a folder of its own or a named one. */
function conversation(world: TemporaryWorld, text: string, folder = "--work--"): Promise<string> {
  const path = join(sessionsOf(world), folder, `${text}.jsonl`);
  return writeConversation(path, { id: `id-${text}`, cwd: world.work, text });
}

test("finds what is there, and what is appended, renamed and removed later", async () => {
  await using world = await createWorld();
  const first = await conversation(world, "first");
  await using running = await startIndex(world);
  await running.index.whenScanned();
  expect(running.titles).toEqual(["first"]);
  say(first, "assistant", "done");
  await running.until("the answer", first, ({ reading }) => reading.messages === 2);
  const second = await conversation(world, "second", "--new-folder--");
  await running.until("a conversation in a new folder", second, () => true);
  say(second, "assistant", "done");
  await running.until("an answer there", second, ({ reading }) => reading.messages === 2);
  await rename(second, join(second, "..", "third.jsonl"));
  await running.until("the file under its new name", join(second, "..", "third.jsonl"), () => true);
  await rm(first);
  await waitFor("the removal", () => running.index.get(first) === undefined && running.titles.length === 1);
});
