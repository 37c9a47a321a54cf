import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { say, setStage, type PiStage } from "../fixtures/pi/running-pi.ts";

/** The run messages so far, in order: what a status is made of. */
const runs = (stage: PiStage) =>
  stage.host.received.filter(({ type }) => type === "run-start" || type === "run-settled");

describe("one start and one end a run", () => {
  test.each([
    ["hello", "done"],
    ["bash: echo from-a-tool", "done"],
    ["flaky:2", "done"],
    ["err400", "error"],
    ["err500", "error"],
    ["midcut", "error"],
  ] as const)("%s ends as %s", async (prompt, outcome) => {
    await using stage = await setStage();
    const pi = stage.startPi();
    await stage.host.next("identity");
    await say(pi, prompt);
    await stage.host.next("run-start");
    expect(await stage.host.next("run-settled")).toMatchObject({ outcome });
    // Whatever else belonged to that run would have arrived before the start of the next.
    await say(pi, "and then");
    await stage.host.next("run-settled");
    expect(runs(stage).map((message) => (message.type === "run-settled" ? message.outcome : message.type))).toEqual([
      ...["run-start", outcome],
      ...["run-start", "done"],
    ]);
  });

  test("an error carries pi's own words", async () => {
    await using stage = await setStage();
    const pi = stage.startPi();
    await stage.host.next("identity");
    await say(pi, "err401");
    expect((await stage.host.next("run-settled")).error).toContain("Invalid API key");
  });

  test("a message that steers belongs to the run", async () => {
    await using stage = await setStage();
    const pi = stage.startPi();
    await stage.host.next("identity");
    await say(pi, "bash: until [ -e steered ]; do sleep 0.1; done");
    await pi.waitForScreen("Elapsed");
    await say(pi, "steered");
    await pi.waitForScreen("Steering: steered");
    await writeFile(join(stage.world.work, "steered"), "");
    await stage.host.next("run-settled");
    await pi.waitForScreen("Echo reply to: steered");
    expect(runs(stage)).toHaveLength(2);
  });
});

describe("Esc", () => {
  test.each([
    ["while the model speaks", "slow:100", "w1"],
    ["while the model is silent", "hang", "hanging"],
    ["while a tool runs", "bash: sleep 60", "Elapsed"],
  ])("%s ends the run as aborted", async (_when, prompt, sign) => {
    await using stage = await setStage();
    const pi = stage.startPi();
    await stage.host.next("identity");
    await say(pi, prompt);
    await pi.waitForScreen(sign);
    pi.send("\x1b");
    expect(await stage.host.next("run-settled")).toEqual({ type: "run-settled", outcome: "aborted" });
  });

  test("while pi waits for a retry ends the run as aborted, although its last message is an error", async () => {
    await using stage = await setStage({ retryDelayMs: 60_000 });
    const pi = stage.startPi();
    await stage.host.next("identity");
    await say(pi, "err500");
    await pi.waitForScreen("Retrying");
    pi.send("\x1b");
    expect(await stage.host.next("run-settled")).toEqual({ type: "run-settled", outcome: "aborted" });
  });
});
