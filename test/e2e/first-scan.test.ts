import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";
import { pisyncTerminal } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

test("a first scan of over a second says how far it is; what is read is listed meanwhile, and all of it then", async () => {
  await using world = await createWorld();
  const titles = ["first", "second", "third"];
  for (const [age, text] of titles.entries()) {
    const path = join(world.agentDirectory, "sessions", "--work--", `${text}.jsonl`);
    await writeConversation(path, { id: `id-${text}`, cwd: world.work, text, age: age + 1 });
  }
  const client = new DaemonClient(world);
  const heldIndex = join(import.meta.dirname, "..", "fixtures", "daemon", "held-index.ts");
  await client.start({ index: heldIndex });
  const list = pisyncTerminal(world, ["list"]);
  await list.waitForScreen("Reading conversations: 1 of 3 …");
  await waitFor("what is read to be listed", async () => (await client.list())[0]?.title === "first");

  await writeFile(join(client.paths.stateDirectory, "go-on"), "");
  expect(await list.exit).toMatchObject({ exitCode: 0 });
  for (const title of titles) expect(list.screenText()).toContain(title);
  expect(list.screenText()).not.toContain("Reading");
});
