import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PromptList, PromptRecord, StoredPrompt } from "../../protocol/prompts.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { signal } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

interface Sent {
  scene: Scene;
  session: string;
  prompt: Pick<PromptRecord, "id" | "text">;
}

/** How far a prompt has come when somebody is killed. */
const POINTS = {
  "is on disk": (sent: Sent) => stored(sent, () => true),
  "was handed to pi": (sent: Sent) => stored(sent, ({ state }) => state !== "queued"),
  "reached the model": (sent: Sent) => atModel(sent),
  "is known to be delivered": (sent: Sent) => stored(sent, ({ state }) => state === "delivered"),
} as const;

async function stored({ scene, session, prompt }: Sent, wanted: (prompt: StoredPrompt) => boolean): Promise<void> {
  const file = `${statePaths(scene.world.env).promptsDirectory(session)}/${prompt.id}.json`;
  // As fast as can be: the states in between last a millisecond or two.
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "" && wanted(StoredPrompt.parse(JSON.parse(text)))) return;
  }
  throw new Error("the prompt did not come so far");
}

async function atModel({ scene: { model }, prompt }: Sent): Promise<void> {
  while ((await model.nextRequest()).prompt !== prompt.text);
}

/** What became of the request is for the points to say: its connection may be cut with the host. */
function post({ scene, session, prompt }: Sent): Promise<PromptRecord | PisyncError> {
  const socket = statePaths(scene.world.env).daemonSocket;
  const options = { schema: PromptRecord, body: prompt } as const;
  return requestJson(socket, "POST", `/v1/sessions/${session}/prompts`, options).catch((error: unknown) => {
    if (error instanceof PisyncError) return error;
    throw error;
  });
}

async function expectDeliveredOnce({ scene, prompt }: Sent): Promise<void> {
  const list = async () => PromptList.parse(JSON.parse(await scene.ok("prompts", "--json")));
  await waitFor("no prompt to wait", async () => (await list()).queued.length === 0);
  expect((await list()).recent.find(({ id }) => id === prompt.id)).toMatchObject({ state: "delivered" });
  await scene.ok("send", "--wait", `after ${prompt.id}`);
  const { messages = [] } = scene.model.requests.at(-1) ?? {};
  const said = messages.filter(({ role, content }) => role === "user" && JSON.stringify(content).includes(prompt.text));
  expect(said).toHaveLength(1);
}

async function killThenResume(sent: Sent, victim: "host" | "pi", point: (sent: Sent) => Promise<void>): Promise<void> {
  const { scene, session } = sent;
  const pid = victim === "host" ? await scene.hostPid(session) : ((await scene.session(session)).pid ?? 0);
  const answered = post(sent);
  await point(sent);
  signal(pid, "SIGKILL");
  await answered;
  await scene.untilSessionEnds(session);
  await scene.ok("resume", "-d", session);
  await expectDeliveredOnce(sent);
}

const points = (Object.keys(POINTS) as (keyof typeof POINTS)[]).map((name, index) => {
  return { name, point: POINTS[name], prompt: { id: `prompt-${index}`, text: `the prompt in question, ${index}` } };
});

describe.each(["host", "pi", "daemon"] as const)("a prompt whose %s is killed", (victim) => {
  let scene: Scene;
  let session: string;
  beforeAll(async () => {
    scene = await createScene();
    session = (await scene.startPi()).id;
    await scene.ok("send", "--wait", "first");
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });

  if (victim === "daemon") {
    it.each(points)("when it $name is delivered once, also when its sender repeats it", async ({ point, prompt }) => {
      const sent = { scene, session, prompt };
      const pid = await scene.daemonPid();
      const answered = post(sent);
      await point(sent);
      signal(pid, "SIGKILL");
      await answered;
      await scene.ok("send", "--id", prompt.id, prompt.text);
      await expectDeliveredOnce(sent);
    });
  } else {
    it.each(points)("when it $name is delivered once, after resume", async ({ point, prompt }) => {
      await killThenResume({ scene, session, prompt }, victim, point);
    });
  }
});

it.each(["host", "pi"] as const)(
  "a prompt whose %s is killed before its conversation is on disk is delivered once, after resume",
  async (victim) => {
    await using scene = await createScene();
    const { id: session } = await scene.startPi();
    await killThenResume({ scene, session, prompt: { id: "first", text: "said first of all" } }, victim, atModel);
  },
);
