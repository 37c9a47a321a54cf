import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PromptList, PromptRecord } from "../../protocol/prompts.ts";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

const COMMANDS = join(import.meta.dirname, "..", "fixtures", "pi", "commands-extension.ts");

async function send(scene: Scene, ...args: string[]): Promise<PromptRecord> {
  return PromptRecord.parse(JSON.parse(await scene.ok("send", "--json", ...args)));
}

async function list(scene: Scene): Promise<PromptList> {
  return PromptList.parse(JSON.parse(await scene.ok("prompts", "--json")));
}

/** Waits until nothing waits, and tells how each prompt ended, the oldest first. */
async function ends(scene: Scene): Promise<Record<string, string>> {
  const { recent } = await waitFor("no prompt to wait", async () => {
    const now = await list(scene);
    return now.queued.length === 0 ? now : undefined;
  });
  return Object.fromEntries(recent.reverse().map(({ text, state }) => [text, state]));
}

/** The prompts that the model was asked, each once. */
function asked(scene: Scene): string[] {
  const said = scene.model.requests.map(({ messages }) => messages.filter(({ role }) => role === "user").length);
  return said.length === 0 ? [] : (scene.model.requests.at(-1)?.messages ?? []).flatMap(userText);
}

function userText({ role, content }: { role: string; content?: unknown }): string[] {
  if (role !== "user") return [];
  const parts = (Array.isArray(content) ? content : [{ text: content }]) as { text?: string }[];
  return [parts.map(({ text }) => text ?? "").join("")];
}

describe("pisync send", () => {
  it("starts a run, steers it, queues for its end, and waits for it", async () => {
    await using scene = await createScene();
    await scene.startPi();
    const { text, release } = await scene.heldPrompt();
    const first = await send(scene, text);
    expect(first).toMatchObject({ disposition: "started", deliverAs: "auto" });
    expect(await send(scene, "steering")).toMatchObject({ disposition: "steered" });
    const queued = PromptRecord.parse(JSON.parse(await scene.ok("follow-up", "--json", "afterwards")));
    expect(queued).toMatchObject({ disposition: "queued", state: "queued" });
    await release();
    const waited = await pisync(scene.world, ["follow-up", "--wait", "at last"]);
    expect(waited).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await ends(scene)).toEqual({
      [text]: "delivered",
      steering: "delivered",
      afterwards: "delivered",
      "at last": "delivered",
    });
    expect(asked(scene)).toEqual([text, "steering", "afterwards", "at last"]);
  });

  it("says with its exit code how the run ended", async () => {
    await using scene = await createScene();
    await scene.startPi();
    expect((await pisync(scene.world, ["send", "--wait", "err400"])).exitCode).toBe(5);
    const interrupted = pisync(scene.world, ["send", "--wait", "hang"]);
    await waitFor("the run", () => scene.model.requests.some(({ prompt }) => prompt === "hang"));
    expect(await scene.ok("abort")).toMatch(/is interrupted$/);
    expect((await interrupted).exitCode).toBe(6);
    expect(await scene.ok("abort")).toMatch(/was not at work$/);
    expect((await pisync(scene.world, ["send", "--wait", "--timeout", "1", "hang"])).exitCode).toBe(4);
  });

  it("takes everything that can be typed, and leaves the draft alone", async () => {
    await using scene = await createScene();
    await mkdir(join(scene.world.agentDirectory, "prompts"));
    await writeFile(join(scene.world.agentDirectory, "prompts", "greet.md"), "Greetings to $1, from a template");
    const pi = scene.terminal(["pi", "-e", COMMANDS]);
    await untilPiReady(pi);
    const { id } = await scene.live();
    pi.send("half a thought");
    await pi.waitForScreen("half a thought");
    await send(scene, "/name From outside");
    await scene.untilSession(id, ({ title }) => title === "From outside");
    await send(scene, "!echo $((40 + 2))");
    await pi.waitForScreen("42");
    await send(scene, "/remark");
    await pi.waitForScreen("A remark.");
    expect((await pisync(scene.world, ["send", "--wait", "/greet Ada"])).exitCode).toBe(0);
    await pi.waitForScreen("Greetings to Ada, from a template");
    expect(await pisync(scene.world, ["send", "--wait", "-"], { input: "from standard input" })).toMatchObject({
      exitCode: 0,
    });
    await pi.waitForScreen("half a thought");
    expect(Object.values(await ends(scene))).toEqual(Array(5).fill("delivered"));
    await send(scene, "/new");
    const { stdout } = await pisync(scene.world, ["send", "--wait", "--json", "in the new one"]);
    expect(PromptRecord.parse(JSON.parse(stdout))).toMatchObject({ state: "delivered", run: "done" });
    expect(asked(scene)).toEqual(["in the new one"]);
    await pi.waitForScreen("half a thought");
  });

  it("ends what waits when the run is interrupted, and puts nothing into the editor", async () => {
    await using scene = await createScene();
    const pi = scene.terminal(["pi"]);
    await untilPiReady(pi);
    await send(scene, "hang");
    await waitFor("the run", () => scene.model.requests.length === 1);
    pi.send("half a thought");
    await pi.waitForScreen("half a thought");
    expect(await send(scene, "steering")).toMatchObject({ disposition: "steered" });
    await scene.ok("follow-up", "afterwards");
    await scene.ok("abort");
    expect(await ends(scene)).toEqual({ hang: "delivered", steering: "cancelled", afterwards: "cancelled" });
    expect((await pisync(scene.world, ["send", "--wait", "something else"])).exitCode).toBe(0);
    expect(asked(scene)).toEqual(["hang", "something else"]);
    await pi.waitForScreen("half a thought");
    expect(pi.screenText()).not.toContain("steering");
  });

  it("ends what waits when its user opens another conversation", async () => {
    await using scene = await createScene();
    const pi = scene.terminal(["pi"]);
    await untilPiReady(pi);
    await send(scene, "hang");
    await waitFor("the run", () => scene.model.requests.length === 1);
    await scene.ok("follow-up", "for the old one");
    await prompt(pi, "/new");
    expect(await ends(scene)).toEqual({ hang: "delivered", "for the old one": "cancelled" });
    expect((await pisync(scene.world, ["send", "--wait", "for the new one"])).exitCode).toBe(0);
    expect(asked(scene)).toEqual(["for the new one"]);
  });
});
