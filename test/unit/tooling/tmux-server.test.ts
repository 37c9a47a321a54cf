import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { createWorld } from "../../support/temporary-world.ts";
import { startTmux } from "../../support/tmux-server.ts";
import { waitFor } from "../../support/wait-for.ts";

test("a private tmux server of known size, gone without a trace", async () => {
  await using world = await createWorld();
  const tmux = await startTmux(world, { cols: 90, rows: 20 });
  const fact = (format: string) => tmux.run("display-message", "-p", format);
  expect(await fact("#{window_width}x#{window_height}")).toBe("90x19");
  // tmux asks the terminal who is in front of it, which is nobody until the shell has made it its own.
  await waitFor("the shell in its folder", async () => (await fact("#{pane_current_path}")) === world.work);

  await tmux.sendKeys(["printf '\\033[31mred\\033[0m\\n'; echo $HOME; cat -v", "Enter"]);
  await tmux.waitForPane(world.home);
  expect(await tmux.capturePane({ escapes: true })).toContain("\u001b[31mred");
  await tmux.client.waitForScreen(world.home);

  await tmux.sendBytes("\u0001é\r");
  await tmux.waitForPane("^AM-CM-)");

  await tmux.close();
  expect(existsSync(tmux.socketPath)).toBe(false);
});

test("a pane that never shows the text fails with what it shows", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { argv: ["sh", "-c", "echo present; read answer"] });
  await tmux.waitForPane("present");
  await expect(tmux.waitForPane("absent", { deadlineMs: 50 })).rejects.toThrow(/absent\n.*present/s);
});
