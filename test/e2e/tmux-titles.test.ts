import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PISYNC, pisync } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

test("the titles of pane and window follow the session as docs/tmux.md says, run nothing, and come back", async () => {
  await using world = await createWorld();
  const proof = join(world.root, "executed");
  const title = `π - Fix it #(touch ${proof}) #{pane_id}`;
  // As pi sets it: by itself, with what it is called.
  const program = `printf '\\033]2;%s\\007READY' "$0"; read -r name; printf '\\033]2;%s\\007' "$name"; exec cat`;
  await pisync(world, ["run", "-d", "--", "sh", "-c", program, title]);
  await using tmux = await startTmux(world);
  await tmux.run("set-option", "-g", "automatic-rename-format", "#{pane_title}");
  const titles = async () => (await tmux.run("display-message", "-p", "#{pane_title}|#{window_name}")).trim();
  await waitFor("the name of the window", async () => /^(.+)\|\1$/.test(await titles()));
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
