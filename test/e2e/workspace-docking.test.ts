import { expect, test } from "vitest";
import { PISYNC } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { Workspace } from "../support/workspace.ts";

/** Everything of a user's tmux that docking could leave something in. */
async function settings(tmux: TmuxServer): Promise<string> {
  const shown = [
    ["show-hooks", "-g"],
    ["show-hooks", "-gw"],
    ["show-options", "-g"],
    ["show-options", "-gw"],
  ];
  return (await Promise.all(shown.map((command) => tmux.run(...command)))).join("");
}

const paneCount = async (tmux: TmuxServer) => (await tmux.run("list-panes", "-a")).trim().split("\n").length;
const activePane = async (tmux: TmuxServer) => (await tmux.run("display-message", "-p", "#{pane_id}")).trim();

test("the sidebar keeps its width, and q gives the window its layout back", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { cols: 160, rows: 30 });
  const layout = (await tmux.run("display-message", "-p", "#{window_layout}")).trim();
  const workspace = await Workspace.open(tmux);
  const width = () => workspace.facts(workspace.sidebar, "#{pane_width}");
  for (const cols of [100, 70, 160]) {
    tmux.client.resize(cols, 30);
    await waitFor(`the window to be ${cols} wide`, async () => {
      return (await workspace.facts(workspace.view, "#{window_width}")) === String(cols);
    });
    await waitFor("the sidebar's width", async () => (await width()) === "32");
  }
  await workspace.keys("q");
  await waitFor("one pane", async () => (await paneCount(tmux)) === 1);
  await waitFor("the layout", async () => {
    return (await tmux.run("display-message", "-p", "#{window_layout}")).trim() === layout;
  });
});

test("every layout leaves the sidebar on the left, as high as the window, with the focus where it was", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { cols: 160, rows: 40 });
  const workspace = await Workspace.open(tmux);
  await tmux.run("split-window", "-t", workspace.view, "cat");
  const process = await workspace.facts(workspace.sidebar, "#{pane_pid}");
  for (const focused of [workspace.view, workspace.sidebar]) {
    await tmux.run("select-pane", "-t", focused);
    for (const layout of ["even-horizontal", "even-vertical", "main-horizontal", "main-vertical", "tiled"]) {
      await tmux.run("select-layout", layout);
      await waitFor(`the place in ${layout}`, async () => {
        const place = "#{pane_left} #{pane_width} #{pane_at_top}#{pane_at_bottom}";
        return (await workspace.facts(workspace.sidebar, place)) === "0 32 11";
      });
      expect(await activePane(tmux), layout).toBe(focused);
    }
  }
  await tmux.run("rotate-window");
  await waitFor("the place", async () => (await workspace.facts(workspace.sidebar, "#{pane_left}")) === "0");
  expect(await workspace.facts(workspace.sidebar, "#{pane_pid}")).toBe(process);
});

test("zoom is left alone", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  await tmux.run("resize-pane", "-Z", "-t", workspace.view);
  expect(await workspace.facts(workspace.view, "#{window_zoomed_flag} #{pane_width}")).toBe("1 160");
  await tmux.run("resize-pane", "-Z", "-t", workspace.view);
  await waitFor("the width", async () => (await workspace.facts(workspace.sidebar, "#{pane_width}")) === "32");
});

test("when a pane ends its neighbour gets the focus, not the sidebar; who is in the sidebar stays there", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const further = async () =>
    (await tmux.run("split-window", "-t", workspace.view, "-P", "-F", "#{pane_id}", "cat")).trim();
  const gone = (pane: string) =>
    waitFor("the pane to go", async () => !(await tmux.run("list-panes", "-a", "-F", "#{pane_id}")).includes(pane));
  for (const end of [
    (pane: string) => tmux.run("kill-pane", "-t", pane),
    (pane: string) => tmux.run("send-keys", "-t", pane, "C-d"),
  ]) {
    const used = await further();
    for (const pane of [workspace.sidebar, used]) await tmux.run("select-pane", "-t", pane);
    await end(used);
    await gone(used);
    await waitFor("the focus", async () => (await activePane(tmux)) === workspace.view);

    const other = await further();
    await tmux.run("select-pane", "-t", workspace.sidebar);
    await end(other);
    await gone(other);
    expect(await activePane(tmux)).toBe(workspace.sidebar);
  }
});

test("the sidebar goes with the last view, also in a window behind, and leaves nothing in tmux", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world);
  await tmux.run("set-hook", "-g", "window-layout-changed[970]", "set-option -gq @mine 1");
  await tmux.run("set-option", "-g", "@mine", "1");
  await tmux.run("set-option", "-g", "mouse", "on");
  const before = await settings(tmux);
  const first = await Workspace.open(tmux);
  await tmux.run("new-window");
  const second = await Workspace.open(tmux);
  expect(await settings(tmux)).not.toBe(before);
  await tmux.sendKeys(["q"], { target: second.view });
  await waitFor("the second window to go", async () => (await paneCount(tmux)) === 2);
  expect(await settings(tmux)).not.toBe(before);
  await tmux.run("new-window", "cat");
  await tmux.run("kill-pane", "-t", first.view);
  await waitFor("the first window to go", async () => (await paneCount(tmux)) === 1);
  await waitFor("the hooks to go", async () => (await settings(tmux)) === before);
});

test("the key of tmux shows and hides it, wherever the pane is, with its directory", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { cols: 120, rows: 30 });
  const pane = await activePane(tmux);
  const layout = () => tmux.run("display-message", "-p", "#{window_layout}");
  const before = await layout();
  const toggle = `${process.execPath} ${PISYNC} sidebar --toggle --pane #{pane_id} >/dev/null 2>&1 || true`;
  await tmux.run("run-shell", "-b", "-t", pane, toggle);
  const workspace = await Workspace.around(tmux, pane);
  expect(await workspace.facts(workspace.sidebar, "#{pane_current_path}")).toBe(world.work);
  expect(await activePane(tmux)).toBe(workspace.sidebar);
  await tmux.run("run-shell", "-b", "-t", workspace.sidebar, toggle);
  await waitFor("the layout", async () => (await layout()) === before);
  expect(await activePane(tmux)).toBe(pane);
});
