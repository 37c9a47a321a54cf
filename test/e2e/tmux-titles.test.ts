import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PISYNC, pisync } from "../support/pisync.ts";
import { ReportingPi } from "../support/reporting-pi.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** The titles of the active pane and its window, once tmux has named the window by its pane. */
async function followTitles(tmux: TmuxServer): Promise<() => Promise<string>> {
  await tmux.run("set-option", "-g", "automatic-rename-format", "#{pane_title}");
  const titles = async () => (await tmux.run("display-message", "-p", "#{pane_title}|#{window_name}")).trim();
  await waitFor("the name of the window", async () => /^(.+)\|\1$/.test(await titles()));
  return titles;
}

test("the titles of pane and window follow the session as docs/tmux.md says, run nothing, and come back", async () => {
  await using world = await createWorld();
  const proof = join(world.root, "executed");
  const title = `π - Fix it #(touch ${proof}) #{pane_id}`;
  // As pi sets it: by itself, with what it is called.
  const program = `printf '\\033]2;%s\\007READY' "$0"; read -r name; printf '\\033]2;%s\\007' "$name"; exec cat`;
  await pisync(world, ["run", "-d", "--", "sh", "-c", program, title]);
  await using tmux = await startTmux(world);
  const titles = await followTitles(tmux);
  const before = await titles();
  await tmux.sendKeys([`${process.execPath} ${PISYNC} attach`, "Enter"]);
  await tmux.waitForPane("READY");
  await waitFor("the titles", async () => (await titles()) === `${title}|${title}`);
  await tmux.sendKeys(["Called anew", "Enter"]);
  await waitFor("the new titles", async () => (await titles()) === "Called anew|Called anew");
  await tmux.sendKeys(["C-\\"]);
  await waitFor("the titles from before", async () => (await titles()) === before);
  expect(existsSync(proof)).toBe(false);
});

test("with the status in the title they follow status and name as well, run nothing, and come back", async () => {
  await using world = await createWorld();
  const proof = join(world.root, "executed");
  const name = `#(touch ${proof}) #{pane_id}`;
  await mkdir(join(world.home, ".config", "pisync"), { recursive: true });
  await writeFile(join(world.home, ".config", "pisync", "config.json"), '{"statusInTitle":true}');
  const pi = await ReportingPi.create(world, "reports");
  await pisync(world, ["run", "-d", "--name", `\u001b]2;evil\u0007${name}`, "--", pi.program]);
  await using tmux = await startTmux(world);
  const titles = await followTitles(tmux);
  const before = await titles();
  const become = (title: string) =>
    waitFor(`both to be ${title}`, async () => (await titles()) === `${title}|${title}`);
  // Only looks on, so that nobody has seen the end of the run.
  await tmux.sendKeys([`${process.execPath} ${PISYNC} attach --read-only`, "Enter"]);
  await become(`◌ ${name}`);
  await pi.is("working");
  await become(`● ${name}`);
  await pi.is("idle");
  await become(`◉ ${name}`);
  await pisync(world, ["rename", "Called anew"]);
  await become("◉ Called anew");
  await tmux.sendKeys(["q"]);
  await waitFor("the titles from before", async () => (await titles()) === before);
  expect(existsSync(proof)).toBe(false);
});
