import { expect, test } from "vitest";
import { PromptList } from "../../protocol/prompts.ts";
import { pisync } from "../support/pisync.ts";
import { signal } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene } from "./pi-scene.ts";

test("several sessions are prompted, watched, interrupted and waited for at once", async () => {
  await using scene = await createScene();
  const one = (await scene.startPi()).id;
  const two = (await scene.startPi()).id;
  const stream = scene.terminal(["stream", one, two]);
  const tail = scene.terminal(["tail", one, two]);
  // A stream begins with what happens after it: say it until both are heard.
  for (let attempt = 0; attempt < 10; attempt += 1) {
    for (const id of [one, two]) await scene.ok("emit", id, `here is ${id}`);
    if ([one, two].every((id) => stream.output().includes(`here is ${id}`))) break;
  }
  expect(await scene.ok("send", "--wait", one, two, "say something")).toMatch(
    new RegExp(`^(${one}|${two}) started .*\n(${one}|${two}) started `),
  );
  await tail.waitForScreen(`==> ${one} <==`);
  await tail.waitForScreen(`==> ${two} <==`);
  for (const terminal of [stream, tail]) {
    await waitFor("both answers", () => terminal.output().toString().split("Echo reply to: say something").length >= 3);
  }
  expect((await pisync(scene.world, ["tail", "--no-follow", one, two])).stdout).toBe(
    `==> ${one} <==\nEcho reply to: say something\n\n==> ${two} <==\nEcho reply to: say something`,
  );
  await scene.ok("send", one, two, "hang");
  expect((await pisync(scene.world, ["wait", one, two, "--timeout", "0.5"])).exitCode).toBe(4);
  expect(await scene.ok("abort", one, two)).toBe(`${one} is interrupted\n${two} is interrupted`);
  const interrupted = await pisync(scene.world, ["wait", one, two]);
  expect(interrupted.exitCode).toBe(6);
  expect(interrupted.stdout.split("\n").toSorted()).toEqual([one, two].toSorted().map((id) => `${id} was interrupted`));
  // What one of them refuses is said, and reaches the other.
  await scene.ok("send", one, "hang");
  const refused = await pisync(scene.world, ["send", "--now", "--wait", one, two, "now"]);
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stdout).toMatch(new RegExp(`^${two} started \\S+$`));
  expect(refused.stderr).toMatch(/to start a run now[^]*pisync send and pisync steer [^]* pisync follow-up/);
  const unquoted = await pisync(scene.world, ["send", "fix", "the", "tests"]);
  expect(unquoted).toMatchObject({ exitCode: 3, stdout: "" });
  expect(unquoted.stderr).toContain("in quotes");
});

test("a wait for idle waits for the prompts that wait, too", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi();
  await scene.ok("send", "slow:3");
  for (let count = 0; count < 3; count += 1) await scene.ok("follow-up", `afterwards ${count}`);
  expect(await pisync(scene.world, ["wait", id])).toMatchObject({ exitCode: 0 });
  const { queued, recent } = PromptList.parse(JSON.parse(await scene.ok("prompts", "--json")));
  expect(queued).toEqual([]);
  expect(recent.map(({ run }) => run)).toEqual(Array(4).fill("done"));
  // Right behind a send there is no run yet; it is waited for all the same.
  await scene.ok("send", "err400");
  expect((await pisync(scene.world, ["wait", id])).exitCode).toBe(5);
});

test("a session that ends while one waits for it is said to have ended, by every wait", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi();
  await scene.ok("send", "--wait", "hello");
  const waits = (wanted: string) => pisync(scene.world, ["wait", id, "--for", wanted]);
  const idle = [waits("waiting"), waits("error"), waits("exit")];
  await scene.ok("kill", id);
  expect((await Promise.all(idle)).map(({ exitCode }) => exitCode)).toEqual([1, 1, 0]);
  await scene.ok("resume", "-d", id);
  const { pid = 0 } = await scene.untilSession(id, ({ status }) => status?.state === "idle");
  await scene.ok("send", "hang");
  await scene.untilSession(id, ({ status }) => status?.state === "working");
  const working = [waits("idle"), waits("exit")];
  signal(pid, "SIGKILL");
  expect((await Promise.all(working)).map(({ exitCode }) => exitCode)).toEqual([6, 0]);
});
