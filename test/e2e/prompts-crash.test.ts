import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PromptList, StoredPrompt } from "../../protocol/prompts.ts";
import { statePaths } from "../../runtime/paths.ts";
import { pisync } from "../support/pisync.ts";
import { signal } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

async function list(scene: Scene): Promise<PromptList> {
  return PromptList.parse(JSON.parse(await scene.ok("prompts", "--json")));
}

/** Every prompt that is in the conversation, once nothing waits. */
async function delivered(scene: Scene): Promise<string[]> {
  await waitFor("no prompt to wait", async () => (await list(scene)).queued.length === 0);
  await scene.ok("send", "--wait", "the last one");
  const { messages = [] } = scene.model.requests.at(-1) ?? {};
  return messages.filter(({ role }) => role === "user").map(({ content }) => JSON.stringify(content));
}

function times(prompts: readonly string[], text: string): number {
  return prompts.filter((prompt) => prompt.includes(text)).length;
}

/** A pi in the middle of a run, with a prompt in it, one that steers and two that wait. */
async function sceneWithQueue(scene: Scene, running = "slow:40"): Promise<string> {
  const { id } = await scene.startPi();
  await scene.ok("send", "--wait", "first");
  await scene.ok("send", running);
  await scene.ok("steer", "steering");
  await scene.ok("follow-up", "--id", "one", "waiting one");
  await scene.ok("follow-up", "waiting two");
  return id;
}

async function afterCrash(scene: Scene, id: string): Promise<void> {
  await scene.untilSessionEnds(id);
  await scene.ok("resume", "-d", id);
  const prompts = await delivered(scene);
  for (const text of ["first", "slow:40", "steering", "waiting one", "waiting two"]) {
    expect({ text, times: times(prompts, text) }).toEqual({ text, times: 1 });
  }
  // A request that is repeated is the same prompt still.
  expect(await scene.ok("follow-up", "--id", "one", "waiting one")).toBe("started one");
  expect((await list(scene)).queued).toEqual([]);
}

describe("prompts that wait", () => {
  it("are delivered once, after the host was killed", async () => {
    await using scene = await createScene();
    const id = await sceneWithQueue(scene);
    signal(await scene.hostPid(id), "SIGKILL");
    await scene.untilSessionEnds(id);
    const { queued } = PromptList.parse(JSON.parse(await scene.ok("prompts", id, "--json")));
    expect(queued.map(({ text }) => text)).toEqual(expect.arrayContaining(["waiting one", "waiting two"]));
    const { exitCode, stderr } = await pisync(scene.world, ["prompts", id, "--cancel", "one"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining(`resume ${id}`) as string });
    await afterCrash(scene, id);
  });

  it("are delivered once, after pi was killed", async () => {
    await using scene = await createScene();
    const id = await sceneWithQueue(scene);
    signal((await scene.session(id)).pid ?? 0, "SIGKILL");
    await afterCrash(scene, id);
  });

  it.each(["taken by pi", "/greet Ada"])("are not delivered again when pi had them: %s", async (text) => {
    await using scene = await createScene();
    await mkdir(join(scene.world.agentDirectory, "prompts"));
    await writeFile(join(scene.world.agentDirectory, "prompts", "greet.md"), "Greetings to $1");
    const { id } = await scene.startPi();
    await scene.ok("send", "--wait", "first");
    await scene.ok("send", "--wait", "--id", "taken", text);
    signal(await scene.hostPid(id), "SIGKILL");
    await scene.untilSessionEnds(id);
    // As it is on disk when the host is killed before it hears that pi took the prompt.
    const file = join(statePaths(scene.world.env).promptsDirectory(id), "taken.json");
    const stored = StoredPrompt.parse(JSON.parse(await readFile(file, "utf8")));
    await writeFile(file, JSON.stringify({ ...stored, endedAt: undefined, run: undefined, state: "handed" }));
    await scene.ok("resume", "-d", id);
    const prompts = await delivered(scene);
    expect(prompts).toHaveLength(3);
    expect((await list(scene)).recent.find((prompt) => prompt.id === "taken")).toMatchObject({ state: "delivered" });
  });

  it("notice nothing when the daemon is killed", async () => {
    await using scene = await createScene();
    await sceneWithQueue(scene, "hang");
    signal(await scene.daemonPid(), "SIGKILL");
    await scene.ok("abort");
    expect((await list(scene)).recent.map(({ text, state }) => [text, state])).toEqual(
      expect.arrayContaining([
        ["waiting two", "cancelled"],
        ["hang", "delivered"],
      ]),
    );
  });

  it("end with the session that its user ends", async () => {
    await using scene = await createScene();
    const id = await sceneWithQueue(scene, "hang");
    await scene.ok("kill", id);
    await scene.ok("resume", "-d", id);
    const { queued, recent } = await list(scene);
    expect(queued).toEqual([]);
    expect(recent.find(({ text }) => text === "waiting one")).toMatchObject({
      state: "cancelled",
      reason: "The session was ended.",
    });
  });
});
