import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LogSnapshot } from "../../protocol/events.ts";
import { PromptRecord } from "../../protocol/prompts.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, untilPiReady, type Scene } from "./pi-scene.ts";

const SKILL = `---
name: greeting
description: How to greet somebody
---
Say hello in verse.
`;

/** A second model to change to, a skill, and little that a compaction keeps. */
async function equip({ world: { agentDirectory } }: Scene): Promise<void> {
  const file = join(agentDirectory, "models.json");
  const models = JSON.parse(await readFile(file, "utf8")) as {
    providers: { scripted: { models: { id: string; name: string }[] } };
  };
  const { models: known } = models.providers.scripted;
  known.push({ ...(known[0] as { id: string; name: string }), id: "second", name: "Second" });
  await writeFile(file, JSON.stringify(models));
  const settings = join(agentDirectory, "settings.json");
  const chosen = JSON.parse(await readFile(settings, "utf8")) as object;
  await writeFile(settings, JSON.stringify({ ...chosen, compaction: { keepRecentTokens: 1 } }));
  await mkdir(join(agentDirectory, "skills", "greeting"), { recursive: true });
  await writeFile(join(agentDirectory, "skills", "greeting", "SKILL.md"), SKILL);
}

describe("what a program sends is what a person types", () => {
  it("also of skills and of pi's own commands, and the draft stays", async () => {
    await using scene = await createScene();
    await equip(scene);
    const pi = scene.terminal(["pi"]);
    await untilPiReady(pi);
    const { id } = await scene.live();
    const socket = statePaths(scene.world.env).daemonSocket;
    const model = async () =>
      (await requestJson(socket, "GET", `/v1/sessions/${id}/state`, { schema: LogSnapshot })).facts.model;
    await waitFor("the model", async () => (await model()) === "scripted/scripted");
    pi.send("half a thought");
    await pi.waitForScreen("half a thought");
    await scene.ok("send", "--wait", "/skill:greeting for Ada");
    const { content } = scene.model.requests.at(-1)?.messages.findLast(({ role }) => role === "user") ?? {};
    expect(JSON.stringify(content)).toContain("Say hello in verse.");
    expect(JSON.stringify(content)).toContain("for Ada");
    await scene.ok("send", "/model scripted/second");
    await waitFor("the other model", async () => (await model()) === "scripted/second");
    await scene.ok("send", "--wait", "something to remember");
    await scene.ok("send", "--wait", "/compact");
    await waitFor("the summary", async () => (await scene.ok("history", id, "--event", "session_compact")) !== "");
    await pi.waitForScreen("half a thought");
  });
});

describe("a sender that is faster than pi", () => {
  it("is refused once a hundred prompts wait, and those are delivered or cancelled, each once", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    await scene.ok("send", "hang");
    const socket = statePaths(scene.world.env).daemonSocket;
    const send = (text: string) =>
      requestJson(socket, "POST", `/v1/sessions/${id}/prompts`, {
        schema: PromptRecord,
        body: { text, deliverAs: "followUp" },
        timeoutMs: 60_000,
      });
    const sent = await Promise.allSettled(Array.from({ length: 130 }, (_, number) => send(`task ${number}`)));
    const refused = sent.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(30);
    for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: "queue-full" } });
    await scene.ok("abort");
    await scene.ok("send", "--wait", "afterwards");
    expect(scene.model.requests.map(({ prompt }) => prompt)).toEqual(["hang", "afterwards"]);
  });
});
