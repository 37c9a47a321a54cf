import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { History, MessagePage } from "../../protocol/events.ts";
import { QuestionList, type Question } from "../../protocol/questions.ts";
import { statePaths } from "../../runtime/paths.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, untilPiReady, type Scene } from "./pi-scene.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "docs", "examples", "release-extension.js");

async function questions(scene: Scene): Promise<Question[]> {
  return QuestionList.parse(JSON.parse(await scene.ok("questions", "--json"))).questions;
}

async function oneQuestion(scene: Scene): Promise<Question> {
  return waitFor("a question", async () => (await questions(scene))[0]);
}

test("the example asks through pisync, is answered outside or in its dialog, and tells what it does", async () => {
  await using scene = await createScene();
  const pi = scene.terminal(["pi", "-e", EXAMPLE]);
  await untilPiReady(pi);
  const { id } = await scene.live();
  await scene.ok("send", "/release 1.2.0");
  const asked = await oneQuestion(scene);
  expect(asked).toMatchObject({ kind: "select", options: ["nowhere", "staging", "production"] });
  await pi.waitForScreen("Release 1.2.0 where?");
  await scene.live(({ status }) => status?.state === "waiting");
  expect((await pisync(scene.world, ["answer", asked.id, "the moon"])).stderr).toContain("one of the options");
  // Its own dialog is not a second question.
  expect(await questions(scene)).toHaveLength(1);
  await scene.ok("answer", asked.id, "staging");
  await pi.waitForScreen("Released 1.2.0 to staging.");
  await waitFor("the dialog to close", () => !pi.screenText().includes("where?"));
  expect((await pisync(scene.world, ["answer", asked.id, "staging"])).stderr).toContain("is answered");

  await scene.ok("send", "/release 1.3.0");
  const { id: second } = await oneQuestion(scene);
  await pi.waitForScreen("Release 1.3.0 where?");
  pi.send("\x1b[B\x1b[B\r");
  await pi.waitForScreen("Released 1.3.0 to production.");
  await waitFor("no question", async () => (await questions(scene)).length === 0);
  expect((await pisync(scene.world, ["reject", second])).stderr).toContain("is answered");
  await scene.live(({ status }) => status?.state === "idle");

  await scene.ok("send", "--wait", "hello");
  const history = History.parse(JSON.parse(await scene.ok("history", "--json", "--event", "activity")));
  expect(history.events.map(({ data }) => data["text"])).toEqual([
    "asks about 1.2.0",
    "releases 1.2.0 to staging",
    "asks about 1.3.0",
    "releases 1.3.0 to production",
  ]);
  const { daemonSocket } = statePaths(scene.world.env);
  const path = `/v1/sessions/${id}/messages`;
  const page = await requestJson(daemonSocket, "GET", path, { schema: MessagePage });
  expect(page.messages.map(({ message }) => message["role"])).toEqual(["user", "assistant"]);
  expect(JSON.stringify([page, scene.model.requests])).not.toContain("1.2.0");
});

const ON_THE_BUS = `export default (pi) => {
  pi.registerCommand("bus", { handler: async (id, { ui }) => {
    const stop = pi.events.on("pisync:answer", (given) => {
      if (given.id !== id) return;
      stop();
      ui.notify("Bus " + id + " " + JSON.stringify(given.answer));
    });
    pi.events.emit("pisync:question", { id, kind: "confirm", title: "Go on with " + id + "?", message: "On the bus" });
  }});
  pi.registerCommand("reply", { handler: async (id) => pi.events.emit("pisync:answer", { id, answer: false }) });
};`;

test("a question on pi's bus needs no function of pisync's, and ends with its session", async () => {
  await using scene = await createScene();
  const file = join(scene.world.work, "bus.js");
  await writeFile(file, ON_THE_BUS);
  const pi = scene.terminal(["pi", "-e", file]);
  await untilPiReady(pi);
  await scene.ok("send", "/bus one");
  expect(await oneQuestion(scene)).toMatchObject({ id: "one", kind: "confirm", message: "On the bus" });
  await scene.live(({ status }) => status?.state === "waiting");
  await scene.ok("answer", "one", "yes");
  await pi.waitForScreen("Bus one true");
  await scene.ok("send", "/bus two");
  await oneQuestion(scene);
  await scene.ok("send", "/reply two");
  await pi.waitForScreen("Bus two false");
  await scene.live(({ status }) => status?.state === "idle");
  await scene.ok("send", "/bus three");
  await oneQuestion(scene);
  await scene.ok("send", "/new");
  await waitFor("no question", async () => (await questions(scene)).length === 0);
  await scene.live(({ status }) => status?.state === "idle");
});
