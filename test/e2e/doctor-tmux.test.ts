import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pisync } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";

interface Finding {
  subject: string;
  verdict: string;
  detail: string;
  next?: string;
}

/** What the doctor says of one subject, asked inside this tmux. */
async function finding(world: TemporaryWorld, subject: string, tmux?: TmuxServer): Promise<Finding | undefined> {
  const env: Record<string, string> = tmux === undefined ? {} : { TMUX: `${tmux.socketPath},1,0` };
  const { stdout } = await pisync(world, ["doctor", "--json"], { env });
  return (JSON.parse(stdout) as { findings: Finding[] }).findings.find((each) => each.subject === subject);
}

test("the lines that doctor names are those that mend tmux's settings", async () => {
  await using world = await createWorld();
  expect(await finding(world, "tmux settings")).toMatchObject({ verdict: "skipped" });
  const configuration = join(world.home, ".tmux.conf");
  {
    await using tmux = await startTmux(world);
    const { verdict, next = "" } = (await finding(world, "tmux settings", tmux)) ?? {};
    expect(verdict).toBe("advice");
    for (const word of ["extended-keys on", "mouse on", "focus-events on", "escape-time", "RGB"])
      expect(next).toContain(word);
    await writeFile(configuration, next.split("\n").slice(1).join("\n"));
  }
  await using mended = await startTmux(world, { configured: true });
  expect(await finding(world, "tmux settings", mended)).toMatchObject({ verdict: "ok" });
});

test("the keys are said to be missing, bound, not loaded, left behind, or their user's", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world);
  expect(await finding(world, "tmux keys", tmux)).toMatchObject({
    verdict: "ok",
    detail: expect.stringMatching(/^not installed/) as string,
  });
  await pisync(world, ["install", "tmux"]);
  expect(await finding(world, "tmux keys", tmux)).toMatchObject({
    verdict: "advice",
    next: expect.stringContaining("tmux source-file") as string,
  });
  await tmux.run("bind-key", "v", "display-message", "mine");
  await tmux.run("source-file", join(world.home, ".config", "pisync", "tmux.conf"));
  expect(await finding(world, "tmux keys", tmux)).toMatchObject({
    verdict: "ok",
    detail: expect.stringMatching(/yours: prefix v$/) as string,
  });
  // Outside of this tmux.
  await pisync(world, ["uninstall", "tmux"]);
  expect(await finding(world, "tmux keys", tmux)).toMatchObject({
    verdict: "advice",
    next: expect.stringContaining("pisync uninstall tmux") as string,
  });
});

test("what is installed is current, of another pisync, or not first on PATH", async () => {
  await using world = await createWorld();
  world.env.SHELL = "/bin/bash";
  for (const what of ["shim", "completions"]) {
    expect(await finding(world, what)).toMatchObject({ detail: expect.stringMatching(/^not installed/) as string });
    await pisync(world, ["install", what]);
  }
  expect(await finding(world, "shim")).toMatchObject({
    verdict: "advice",
    next: expect.stringContaining("new terminal") as string,
  });
  const folder = join(world.home, ".local", "share", "pisync");
  world.env.PATH = `${join(folder, "bin")}:${world.env.PATH}`;
  expect(await finding(world, "shim")).toMatchObject({
    verdict: "ok",
    detail: expect.stringContaining(folder) as string,
  });
  expect(await finding(world, "completions")).toMatchObject({
    verdict: "ok",
    detail: expect.stringContaining(folder) as string,
  });
  await appendFile(join(folder, "completions", "pisync.bash"), "# of another version\n");
  expect(await finding(world, "completions")).toMatchObject({
    verdict: "advice",
    next: "Bring it up to date with: pisync install completions",
  });
});
