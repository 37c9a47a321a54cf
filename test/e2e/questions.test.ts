import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Question, QuestionList } from "../../protocol/questions.ts";
import { pisync } from "../support/pisync.ts";
import type { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, untilPiReady, type Scene } from "./pi-scene.ts";

const ASKING = join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts");
const SERVICE = join(import.meta.dirname, "..", "fixtures", "pi", "questions-extension.ts");

async function questions(scene: Scene): Promise<Question[]> {
  return QuestionList.parse(JSON.parse(await scene.ok("questions", "--json"))).questions;
}

async function oneQuestion(scene: Scene): Promise<Question> {
  return waitFor("a question", async () => (await questions(scene))[0]);
}

async function noQuestion(scene: Scene): Promise<void> {
  await waitFor("no question", async () => (await questions(scene)).length === 0);
}

describe("a question", () => {
  let scene: Scene;
  let pi: Terminal;
  beforeAll(async () => {
    scene = await createScene();
    pi = scene.terminal(["pi", "-e", ASKING, "-e", SERVICE]);
    await untilPiReady(pi);
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });

  it.each([
    ["select", "2", "Which one?", 'Answered select "b"'],
    ["confirm", "yes", "Really?", "Answered confirm true"],
    ["input", "Ada", "Your name?", 'Answered input "Ada"'],
    ["editor", "a text", "Your text?", 'Answered editor "a text"'],
    ["custom", '{"any":1}', undefined, 'Answered custom {"any":1}'],
  ])("of the kind %s is answered from outside, and its dialog closes", async (kind, answer, title, answered) => {
    await scene.ok("send", `/ask ${kind}`);
    const question = await oneQuestion(scene);
    expect(question).toMatchObject({ kind, ...(title === undefined ? {} : { title }) });
    await pi.waitForScreen(title ?? "Any key");
    await scene.live(({ status }) => status?.state === "waiting");
    expect(await scene.ok("answer", question.id, answer)).toBe(`${question.id} is answered`);
    await pi.waitForScreen(answered);
    await waitFor("the dialog to close", () => !pi.screenText().includes(title ?? "Any key"));
    await scene.live(({ status }) => status?.state !== "waiting");
    const again = await pisync(scene.world, ["answer", question.id, "again"]);
    expect(again).toMatchObject({ exitCode: 1, stdout: "" });
    expect(again.stderr).toContain("is answered");
    // pi goes on as if its user had answered.
    expect((await pisync(scene.world, ["send", "--wait", "go on"])).exitCode).toBe(0);
  });

  it("that is rejected, or answered in the terminal, is over", async () => {
    await scene.ok("send", "/ask select");
    const rejected = await oneQuestion(scene);
    await scene.ok("reject", rejected.id);
    await pi.waitForScreen("Answered select undefined");
    await scene.ok("send", "/ask confirm");
    const { id } = await oneQuestion(scene);
    await pi.waitForScreen("Really?");
    pi.send("\r");
    await pi.waitForScreen("Answered confirm true");
    await noQuestion(scene);
    expect((await pisync(scene.world, ["answer", id, "yes"])).stderr).toContain(`The question ${id} is answered.`);
  });

  it("refuses what does not fit, and stays open", async () => {
    await scene.ok("send", "/ask select");
    const { id } = await oneQuestion(scene);
    expect((await pisync(scene.world, ["answer", id, "c"])).stderr).toContain("one of the options");
    expect((await pisync(scene.world, ["answer", "q1-2-3", "a"])).stderr).toContain("There is no question q1-2-3.");
    expect((await pisync(scene.world, ["answer", id])).exitCode).toBe(2);
    expect(await questions(scene)).toHaveLength(1);
    await scene.ok("answer", id, "a");
    await noQuestion(scene);
  });

  it("of pi-questions is listed, answered and rejected", async () => {
    await scene.ok("send", "/service");
    expect(await oneQuestion(scene)).toMatchObject({
      id: "que_1",
      kind: "questions",
      questions: [{ question: "Go on?", options: ["Stop here", "Go on"], multiple: false }],
    });
    expect((await pisync(scene.world, ["answer", "que_1", '{"a":1}'])).stderr).toContain("an array of texts");
    await scene.ok("answer", "que_1", '[["Stop here"]]');
    await pi.waitForScreen('Service answered [["Stop here"]] by pisync');
    await noQuestion(scene);
    await scene.ok("send", "/service");
    await oneQuestion(scene);
    await scene.ok("reject", "que_2");
    await pi.waitForScreen("Service rejected by pisync");
  });
});
