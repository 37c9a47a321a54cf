import { expect, test } from "vitest";
import { pisync, pisyncTerminal } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { Workspace } from "../support/workspace.ts";

test("the view asks for a choice only when it would hear of it", async () => {
  await using world = await createWorld();
  await pisync(world, ["daemon", "start"]);
  const daemon = JSON.parse((await pisync(world, ["daemon", "status", "--json"])).stdout) as { pid: number };
  process.kill(daemon.pid, "SIGSTOP");
  await using view = pisyncTerminal(world, ["workspace-view"]);
  try {
    await waitFor("the view's empty screen", () => view.output().includes("\u001b[2J"));
    expect(view.screenText()).not.toContain("Choose a session");
  } finally {
    process.kill(daemon.pid, "SIGCONT");
  }
  await view.waitForScreen("Choose a session");
});

test("s in the view without a session opens the sidebar, and goes to the one there is", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world);
  const first = await Workspace.open(tmux);
  await first.keys("q");
  const panes = async () => (await tmux.run("list-panes", "-F", "#{pane_id}")).trim().split("\n");
  await waitFor("the sidebar to go", async () => (await panes()).length === 1);
  await tmux.sendKeys(["s"], { target: first.view });
  const { sidebar } = await Workspace.around(tmux, first.view);
  await tmux.run("select-pane", "-t", first.view);
  await tmux.sendKeys(["s"], { target: first.view });
  await first.untilActive(sidebar);
  expect(await panes()).toHaveLength(2);
});
