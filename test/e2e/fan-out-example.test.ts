import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { createScene } from "./pi-scene.ts";

const FAN_OUT = join(import.meta.dirname, "..", "..", "docs", "examples", "fan-out.js");

test("the example asks three sessions, waits for all, prints the answers and ends them", async () => {
  await using scene = await createScene();
  const options = { env: scene.world.env, extendEnv: false, cwd: scene.world.work, reject: false } as const;
  const done = await execa(process.execPath, [FAN_OUT, "say", "something"], options);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  const answers = [1, 2, 3].map((number) => `## Fan-out ${number}\n\nEcho reply to: say something\n`);
  expect(done.stdout).toBe(answers.join("\n"));
  expect(scene.model.requests.map(({ prompt }) => prompt)).toEqual(Array(3).fill("say something"));
  expect((await scene.sessions()).map(({ kind, title }) => `${kind} ${title}`).sort()).toEqual(
    [1, 2, 3].map((number) => `resumable Fan-out ${number}`),
  );

  const failed = await execa(process.execPath, [FAN_OUT, "err400"], options);
  expect(failed.exitCode).toBe(1);
  expect(failed.stdout).toContain("## Fan-out 3\n\nFailed: the run ended with error");
  expect((await scene.sessions()).filter(({ kind }) => kind === "live")).toEqual([]);
});
