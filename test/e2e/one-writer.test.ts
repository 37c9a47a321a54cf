import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pisync } from "../support/pisync.ts";
import { createScene, DETACH, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

/** A live pi whose conversation is on disk: something has been said in it. */
async function livePi(scene: Scene) {
  const view = scene.terminal(["pi"]);
  await untilPiReady(view);
  await prompt(view, "said first");
  await view.waitForScreen("Echo reply to: said first");
  view.send(DETACH);
  await view.exit;
  const session = await scene.live(
    ({ conversation, status }) => conversation?.path !== undefined && status?.state === "idle",
  );
  return { id: session.id, conversation: session.conversation?.id ?? "", path: session.conversation?.path ?? "" };
}

describe("one pi to a conversation", () => {
  it.each([
    ["its path", ({ path }: { path: string }) => ["--session", path]],
    ["its id", ({ conversation }: { conversation: string }) => ["--session", conversation]],
    [
      "the beginning of its id",
      ({ conversation }: { conversation: string }) => ["--session", conversation.slice(0, 13)],
    ],
    ["-c", () => ["-c"]],
  ])("a second pisync pi with %s attaches to it, and says so", async (_, args) => {
    await using scene = await createScene();
    const live = await livePi(scene);
    const second = scene.terminal(["pi", ...args(live)]);
    await second.waitForScreen("Echo reply to: said first");
    const { id } = await scene.live(({ views }) => views === 1);
    expect(id).toBe(live.id);
    second.send(DETACH);
    await second.exit;
    expect(second.scrollbackText()).toContain(`pisync: Session ${live.id} (said first) is live: showing it.`);
  });

  it("a symbolic link to its file and a stale environment lead to the same session", async () => {
    await using scene = await createScene();
    const live = await livePi(scene);
    const link = join(scene.world.work, "link.jsonl");
    await symlink(live.path, link);
    const env = { PISYNC_SESSION: "zzzzzzzz", PISYNC_HOST_SOCKET: "/nowhere", PISYNC_AGENT_TOKEN: "old" };
    const second = scene.terminal(["pi", "--session", link], { env });
    await second.waitForScreen("Echo reply to: said first");
    expect((await scene.live(({ views }) => views === 1)).id).toBe(live.id);
  });

  it("-d prints the id of the live one", async () => {
    await using scene = await createScene();
    const live = await livePi(scene);
    expect(await pisync(scene.world, ["pi", "-d", "-c"])).toEqual({
      exitCode: 0,
      stdout: live.id,
      stderr: `pisync: Session ${live.id} (said first) is live.`,
    });
  });

  it("a fork is a session of its own", async () => {
    await using scene = await createScene();
    const live = await livePi(scene);
    const id = await scene.ok("pi", "-d", "--fork", live.conversation);
    const forked = await scene.untilSession(id, ({ conversation }) => conversation !== undefined);
    expect(id).not.toBe(live.id);
    expect(forked.conversation?.id).not.toBe(live.conversation);
  });

  it("twelve starts at once leave one host, with the daemon not yet running", async () => {
    await using scene = await createScene();
    const { id, path } = await livePi(scene);
    await scene.ok("kill", id);
    await scene.ok("daemon", "stop");
    const started = await Promise.all(
      Array.from({ length: 12 }, () => pisync(scene.world, ["pi", "-d", "--session", path])),
    );
    expect(started.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(Array(12).fill(0));
    expect(new Set(started.map(({ stdout }) => stdout)).size).toBe(1);
    await scene.live();
  });
});
