import { join } from "node:path";
import { expect, test } from "vitest";
import { say, setStage, untilReady, type PiStage } from "../fixtures/pi/running-pi.ts";
import type { Terminal } from "../support/terminal.ts";

const ASKING = ["-e", join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts")];

/** Runs `/ask KIND`, waits for the report of the dialog, and answers it. */
async function ask(stage: PiStage, pi: Terminal, kind: string, title: string | undefined, answer: string) {
  await say(pi, `/ask ${kind}`);
  expect(await stage.host.next("waiting")).toEqual({ type: "waiting", open: 1, ...(title ? { title } : {}) });
  await pi.waitForScreen(title ?? "Any key");
  pi.send(answer);
  expect(await stage.host.next("waiting")).toEqual({ type: "waiting", open: 0 });
  await pi.waitForScreen(`Answered ${kind}`);
}

test("dialogs of every kind count while they are open, answered or not, also after /new and /reload", async () => {
  await using stage = await setStage();
  const pi = stage.startPi(ASKING);
  await stage.host.next("identity");
  await untilReady(pi);
  await ask(stage, pi, "select", "Which one?", "\r");
  await ask(stage, pi, "confirm", "Really?", "\x1b");
  await ask(stage, pi, "input", "Your name?", "x\r");
  await ask(stage, pi, "custom", undefined, "x");
  await say(pi, "/new");
  await stage.host.next("identity");
  await pi.waitForScreen("New session started");
  await ask(stage, pi, "editor", "Your text?", "\x1b");
  await say(pi, "/reload");
  await stage.host.next("identity");
  await pi.waitForScreen("Reloaded");
  await ask(stage, pi, "confirm", "Really?", "\r");
  expect(stage.host.received.filter(({ type }) => type === "waiting")).toHaveLength(12);
});

test("a dialog that waits in the middle of a run is said again after a reconnect", async () => {
  await using stage = await setStage();
  const pi = stage.startPi(ASKING);
  await stage.host.next("identity");
  await say(pi, "bash: echo dangerous");
  await stage.host.next("run-start");
  expect(await stage.host.next("waiting")).toEqual({ type: "waiting", open: 1, title: "Run it?" });
  await stage.host.drop();
  expect(await stage.host.next("identity")).toMatchObject({ running: true, waiting: 1 });
  await pi.waitForScreen("Run it?");
  pi.send("\r");
  expect(await stage.host.next("waiting")).toEqual({ type: "waiting", open: 0 });
  expect(await stage.host.next("run-settled")).toMatchObject({ outcome: "done" });
});
