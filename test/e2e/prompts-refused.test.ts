import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { History } from "../../protocol/events.ts";
import { PromptList, PromptRecord } from "../../protocol/prompts.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function post(scene: Scene, id: string, body: unknown): Promise<PromptRecord> {
  const socket = statePaths(scene.world.env).daemonSocket;
  return requestJson(socket, "POST", `/v1/sessions/${id}/prompts`, { schema: PromptRecord, body });
}

/** The code that a request is refused with. */
async function refusal(request: Promise<unknown>): Promise<string> {
  return request.then(
    (answer) => `accepted: ${JSON.stringify(answer)}`,
    (error: unknown) => (error instanceof PisyncError ? error.code : String(error)),
  );
}

function list(scene: Scene, id: string): Promise<PromptList> {
  const socket = statePaths(scene.world.env).daemonSocket;
  return requestJson(socket, "GET", `/v1/sessions/${id}/prompts`, { schema: PromptList });
}

describe("a prompt", () => {
  it("is refused for what is wrong with it, and nothing of it reaches pi", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    const send = (body: unknown) => refusal(post(scene, id, body));
    expect(await send({})).toBe("malformed");
    expect(await send({ text: 7 })).toBe("malformed");
    expect(await send({ text: "x", id: "../../etc" })).toBe("malformed");
    expect(await send({ text: "x", deliverAs: "sometime" })).toBe("malformed");
    expect(await send({ text: " \n" })).toBe("usage");
    expect(await send({ text: "x".repeat(5 * 1024 * 1024) })).toBe("too-large");
    expect(await send({ text: "x".repeat(17 * 1024 * 1024) })).toBe("too-large");
    expect(await send({ text: "look", images: [{ mimeType: "image/png", data: btoa("no image") }] })).toBe(
      "not-an-image",
    );
    expect(await send({ text: "look", images: [{ mimeType: "image/jpeg", data: PIXEL }] })).toBe("not-an-image");
    expect(await refusal(post(scene, "nosuchid", { text: "x" }))).toBe("no-such-target");
    const path = `/v1/sessions/${id}/prompts/unknown`;
    const socket = statePaths(scene.world.env).daemonSocket;
    expect(await refusal(requestJson(socket, "DELETE", path, { schema: PromptRecord }))).toBe("no-such-prompt");
    expect(await refusal(requestJson(socket, "GET", path, { schema: PromptRecord }))).toBe("no-such-prompt");
    expect(await list(scene, id)).toEqual({ queued: [], recent: [] });
    expect(scene.model.requests).toEqual([]);
  });

  it("is one prompt however often it is sent with its id, and can be cancelled while it waits", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    await post(scene, id, { text: "hang" });
    // A run has it, so what comes now waits; until it is in the conversation too, it counts as one that waits itself.
    await waitFor("the first to be delivered", async () => (await list(scene, id)).queued.length === 0);
    const waiting = { id: "mine", text: "waits", deliverAs: "followUp" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(scene, id, waiting)));
    expect(new Set(answers.map(({ acceptedAt }) => acceptedAt)).size).toBe(1);
    expect(await refusal(post(scene, id, { ...waiting, text: "another" }))).toBe("prompt-differs");
    expect(await refusal(post(scene, id, { text: "now", deliverAs: "now" }))).toBe("busy");
    expect((await list(scene, id)).queued).toHaveLength(1);
    expect(await scene.ok("prompts", "--cancel", "mine")).toMatch(/^cancelled {2}mine/);
    expect((await pisync(scene.world, ["prompts", "--cancel", "mine"])).stderr).toContain("was cancelled already");
    await scene.ok("abort");
  });

  it("of an image shows the model the image, by its content and not its name", async () => {
    await using scene = await createScene();
    await scene.startPi();
    const [picture, text] = [join(scene.world.work, "picture"), join(scene.world.work, "text.png")];
    await writeFile(picture, Buffer.from(PIXEL, "base64"));
    await writeFile(text, "not a picture");
    const refused = await pisync(scene.world, ["send", "look", "--image", text]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("is not an image that pi takes");
    await scene.ok("send", "--wait", "look at it", "--image", picture);
    expect(JSON.parse(await scene.ok("prompts", "--json"))).toMatchObject({
      recent: [{ text: "look at it", images: 1, state: "delivered" }],
    });
  });
});

describe("several senders at once", () => {
  it("make one run at a time, and each prompt is delivered once", async () => {
    await using scene = await createScene();
    const { id } = await scene.startPi();
    const texts = Array.from({ length: 12 }, (_, index) => `task ${String(index).padStart(2, "0")}`);
    const sent = await Promise.all(texts.map((text) => post(scene, id, { text })));
    expect(sent.filter(({ disposition }) => disposition === "started").length).toBeGreaterThanOrEqual(1);
    const { recent } = await waitFor("all to be delivered", async () => {
      const now = await list(scene, id);
      return now.queued.length === 0 && now.recent.every(({ run }) => run === "done") ? now : undefined;
    });
    expect(recent.map(({ state }) => state)).toEqual(texts.map(() => "delivered"));
    const said = (scene.model.requests.at(-1)?.messages ?? []).filter(({ role }) => role === "user");
    const order = said.map(({ content }) => /task \d\d/.exec(JSON.stringify(content))?.[0]);
    expect(order.toSorted()).toEqual(texts);
    const acceptedAt = order.map((text) => recent.find((prompt) => prompt.text === text)?.acceptedAt);
    expect(acceptedAt).toEqual(acceptedAt.toSorted());
    const { events } = History.parse(JSON.parse(await scene.ok("history", "--json", "--event", "run_start,run_end")));
    const names = events.map(({ event }) => event);
    expect(names).toEqual(names.map((_, index) => (index % 2 === 0 ? "run_start" : "run_end")));
  });
});
