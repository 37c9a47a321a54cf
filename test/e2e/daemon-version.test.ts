import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import { buildProgram, type Program } from "../fixtures/daemon/program.ts";
import { pisync } from "../support/pisync.ts";
import { isRunning, untilGone } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";

/** Daemons of other versions, as `pisync` of those versions would start them. */
const OTHERS = {
  older: { version: "0.0.9" },
  newer: { version: "99.0.0" },
  stranger: { version: "99.0.0", protocol: 999 },
};

let programs: Record<keyof typeof OTHERS, Program>;
beforeAll(async () => {
  const world = await createWorld();
  const build = (name: keyof typeof OTHERS) => buildProgram(join(world.work, name), OTHERS[name]);
  programs = { older: await build("older"), newer: await build("newer"), stranger: await build("stranger") };
  return () => world.dispose();
});

async function startOther(world: TemporaryWorld, name: keyof typeof OTHERS): Promise<number> {
  const answer = await programs[name].ensure(world.env);
  if ("error" in answer) throw new Error(answer.error.message);
  return answer.pid;
}

async function running(world: TemporaryWorld): Promise<{ pid: number; version: string }> {
  const { stdout } = await pisync(world, ["daemon", "status", "--json"]);
  return JSON.parse(stdout) as { pid: number; version: string };
}

const launch = (world: TemporaryWorld) => pisync(world, ["run", "-d", "--", "sleep", "300"]);

it("a launch that meets an older daemon replaces it and starts one session", async () => {
  await using world = await createWorld();
  const older = await startOther(world, "older");
  const { stdout: id, stderr, exitCode } = await launch(world);
  expect({ refusal: stderr.includes("pisync:"), exitCode }).toEqual({ refusal: false, exitCode: 0 });
  expect((await running(world)).version).toBe(PACKAGE_VERSION);
  await untilGone(older);
  const { stdout } = await pisync(world, ["list", "--json"]);
  expect((JSON.parse(stdout) as { sessions: { id: string }[] }).sessions).toMatchObject([{ id }]);
  await pisync(world, ["kill", id]);
});

it("a launch uses a newer daemon of the same protocol", async () => {
  await using world = await createWorld();
  const newer = await startOther(world, "newer");
  const { stdout: id, exitCode } = await launch(world);
  expect(exitCode).toBe(0);
  expect((await running(world)).pid).toBe(newer);
  await pisync(world, ["kill", id]);
});

it("a launch that meets a newer protocol is refused in words, and starts nothing", async () => {
  await using world = await createWorld();
  const stranger = await startOther(world, "stranger");
  const { stdout, stderr, exitCode } = await launch(world);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  expect(stderr).toContain("pisync daemon stop");
  expect(await isRunning(stranger)).toBe(true);
});
