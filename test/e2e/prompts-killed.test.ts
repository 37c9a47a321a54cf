import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DaemonInfo } from "../../protocol/daemon-api.ts";
import { PromptList, PromptRecord, StoredPrompt } from "../../protocol/prompts.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { signal } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

const PROMPT = { id: "mine", text: "the prompt in question" };

/** How far a prompt has come when somebody is killed. */
const POINTS = {
  "is on disk": (scene: Scene, id: string) => stored(scene, id, () => true),
  "was handed to pi": (scene: Scene, id: string) => stored(scene, id, ({ state }) => state !== "queued"),
  "reached the model": (scene: Scene) => atModel(scene),
  "is known to be delivered": (scene: Scene, id: string) => stored(scene, id, ({ state }) => state === "delivered"),
} as const;

async function stored(scene: Scene, id: string, wanted: (prompt: StoredPrompt) => boolean): Promise<void> {
  const file = `${statePaths(scene.world.env).promptsDirectory(id)}/${PROMPT.id}.json`;
  // As fast as can be: the states in between last a millisecond or two.
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "" && wanted(StoredPrompt.parse(JSON.parse(text)))) return;
  }
  throw new Error("the prompt did not come so far");
}

async function atModel({ model }: Scene): Promise<void> {
  while ((await model.nextRequest()).prompt !== PROMPT.text);
}

/** What became of the request is for the points to say: its connection may be cut with the host. */
function post(scene: Scene, id: string): Promise<PromptRecord | PisyncError> {
  const socket = statePaths(scene.world.env).daemonSocket;
  const options = { schema: PromptRecord, body: PROMPT } as const;
  return requestJson(socket, "POST", `/v1/sessions/${id}/prompts`, options).catch((error: unknown) => {
    if (error instanceof PisyncError) return error;
    throw error;
  });
}

async function expectDeliveredOnce(scene: Scene): Promise<void> {
  const list = async () => PromptList.parse(JSON.parse(await scene.ok("prompts", "--json")));
  await waitFor("no prompt to wait", async () => (await list()).queued.length === 0);
  expect((await list()).recent.find(({ id }) => id === PROMPT.id)).toMatchObject({ state: "delivered" });
  await scene.ok("send", "--wait", "the last one");
  const { messages = [] } = scene.model.requests.at(-1) ?? {};
  const said = messages.filter(({ role, content }) => role === "user" && JSON.stringify(content).includes(PROMPT.text));
  expect(said).toHaveLength(1);
}

async function daemonPid({ world }: Scene): Promise<number> {
  const { pid } = await requestJson(statePaths(world.env).daemonSocket, "GET", "/v1/daemon", { schema: DaemonInfo });
  return pid;
}

const points = Object.keys(POINTS) as (keyof typeof POINTS)[];

describe.each(["host", "pi"] as const)("a prompt whose %s is killed", (victim) => {
  it.each(points)("when it %s is delivered once, after resume", async (point) => {
    await using scene = await createScene();
    const { id, pid } = await scene.startPi();
    await scene.ok("send", "--wait", "first");
    const process = victim === "host" ? await scene.hostPid(id) : (pid ?? 0);
    const answered = post(scene, id);
    await POINTS[point](scene, id);
    signal(process, "SIGKILL");
    await answered;
    await scene.untilSessionEnds(id);
    await scene.ok("resume", "-d", id);
    await expectDeliveredOnce(scene);
  });

  it("before its conversation is on disk is delivered once, after resume", async () => {
    await using scene = await createScene();
    const { id, pid } = await scene.startPi();
    const process = victim === "host" ? await scene.hostPid(id) : (pid ?? 0);
    const answered = post(scene, id);
    await atModel(scene);
    signal(process, "SIGKILL");
    await answered;
    await scene.untilSessionEnds(id);
    await scene.ok("resume", "-d", id);
    await expectDeliveredOnce(scene);
  });
});

describe("a prompt whose daemon is killed", () => {
  it.each(points)("when it %s is delivered once, also when its sender repeats it", async (point) => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    await scene.ok("send", "--wait", "first");
    const pid = await daemonPid(scene);
    const answered = post(scene, id);
    await POINTS[point](scene, id);
    signal(pid, "SIGKILL");
    await answered;
    await scene.ok("send", "--id", PROMPT.id, PROMPT.text);
    await expectDeliveredOnce(scene);
  });
});
