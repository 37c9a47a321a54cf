import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { PISYNC, pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

/** Puts a script named pi first on PATH, and returns the environment for it. */
async function fakePi(scene: Scene, script: string): Promise<Record<string, string>> {
  const bin = join(scene.world.root, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "pi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, "pi"), 0o755);
  return { PATH: `${bin}:${scene.world.env["PATH"] ?? ""}` };
}

describe("the real pi runs unchanged and unmanaged", () => {
  it.each([
    [["pi", "--version"]],
    [["pi", "--help"]],
    [["pi", "list"]],
    [["env", "A=1", "pi", "--version"]],
    [["run", "--", "pi", "--version"]],
  ])("for %j", async (args) => {
    await using scene = await createScene();
    const argv = args[0] === "run" ? args.slice(2) : args;
    const [file = "", ...rest] = argv;
    const bare = await execa(file, rest, {
      cwd: scene.world.work,
      env: scene.world.env,
      extendEnv: false,
      reject: false,
    });
    const managed = await pisync(scene.world, args);
    expect(managed).toEqual({ stdout: bare.stdout, stderr: bare.stderr, exitCode: bare.exitCode });
    expect(existsSync(scene.world.stateDirectory)).toBe(false);
  });

  it("for -p, with its input, output and exit code", async () => {
    await using scene = await createScene();
    const answered = await pisync(scene.world, ["pi", "-p", "hello"]);
    expect(answered).toMatchObject({ exitCode: 0, stdout: "Echo reply to: hello" });
    const piped = await pisync(scene.world, ["pi", "-p"], { input: "from a pipe" });
    expect(piped.stdout).toContain("Echo reply to: from a pipe");
    expect((await pisync(scene.world, ["pi", "-p", "err401"])).exitCode).toBe(1);
    expect(existsSync(scene.world.stateDirectory)).toBe(false);
  });

  it("in a terminal too, for what draws no screen", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi", "--version"]);
    expect((await view.exit).exitCode).toBe(0);
    expect(view.screenText()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("with its own exit code and 128 + n for signal n", async () => {
    await using scene = await createScene();
    const env = await fakePi(scene, 'case "$2" in code) exit 9;; *) kill -KILL $$;; esac');
    expect((await pisync(scene.world, ["pi", "-p", "code"], { env })).exitCode).toBe(9);
    expect((await pisync(scene.world, ["pi", "-p", "signal"], { env })).exitCode).toBe(137);
  });

  it("with the signals that reach pisync", async () => {
    await using scene = await createScene();
    const ready = join(scene.world.work, "ready");
    const env = await fakePi(scene, `trap 'echo got it; exit 3' TERM; touch ${ready}; while :; do sleep 0.05; done`);
    const running = execa(process.execPath, [PISYNC, "pi", "-p", "x"], {
      env: { ...scene.world.env, ...env },
      extendEnv: false,
      reject: false,
    });
    await waitFor("pi to run", () => existsSync(ready));
    running.kill("SIGTERM");
    expect(await running).toMatchObject({ exitCode: 3, stdout: "got it" });
  });

  it("and when it is not there, pisync says how to get it", async () => {
    await using scene = await createScene();
    const { stdout, stderr, exitCode } = await pisync(scene.world, ["pi", "-p", "x"], { env: { PATH: "/nowhere" } });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toContain("npm install -g @earendil-works/pi-coding-agent");
  });
});
