import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SessionList, type SessionSummary } from "../../protocol/session.ts";
import { PISYNC, pisync, pisyncTerminal } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Says its name and goes on for ever. */
const speaker = (word: string) => ["sh", "-c", `echo "I-am-$0"; exec cat`, word];
const CTRL_BACKSLASH = "\u001c";

async function start(world: TemporaryWorld, name: string, cwd = world.work): Promise<string> {
  const { stdout, stderr, exitCode } = await pisync(world, ["run", "-d", "--name", name, "--", ...speaker(name)], {
    cwd,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function sessions(world: TemporaryWorld): Promise<SessionSummary[]> {
  return SessionList.parse(JSON.parse((await pisync(world, ["list", "--json"])).stdout)).sessions;
}

/** `pisync` in a pane of a private tmux, and what is around it. */
class Workspace {
  readonly tmux: TmuxServer;
  sidebar = "";
  view = "";

  constructor(tmux: TmuxServer) {
    this.tmux = tmux;
  }

  static async open(tmux: TmuxServer): Promise<Workspace> {
    const workspace = new Workspace(tmux);
    await tmux.sendKeys([`exec ${process.execPath} ${PISYNC}`, "Enter"]);
    await waitFor("the docked sidebar", async () => {
      const panes = (await tmux.run("list-panes", "-F", "#{pane_id} #{@pisync_w}")).split("\n");
      workspace.sidebar = panes.find((pane) => pane.endsWith(" 32"))?.split(" ")[0] ?? "";
      workspace.view = panes.find((pane) => pane.endsWith(" "))?.trim() ?? "";
      return workspace.sidebar !== "" && workspace.view !== "";
    });
    // The footer is there at once, the rows once the daemon has answered.
    await tmux.waitForPane(/No session yet|[▼▶]/, { target: workspace.sidebar });
    await tmux.waitForPane("Choose a session", { target: workspace.view });
    return workspace;
  }

  /** A click on the row with this text. */
  async click(text: string, button = 0): Promise<void> {
    const screen = await this.tmux.waitForPane(text, { target: this.sidebar });
    const row = screen.split("\n").findIndex((line) => line.includes(text)) + 1;
    await this.tmux.sendBytes(`\u001b[<${button};6;${row}M\u001b[<${button};6;${row}m`, { target: this.sidebar });
  }

  async keys(...keys: string[]): Promise<void> {
    await this.tmux.sendKeys(keys, { target: this.sidebar });
  }

  shows(text: string | RegExp): Promise<string> {
    return this.tmux.waitForPane(text, { target: this.sidebar });
  }

  viewShows(text: string | RegExp): Promise<string> {
    return this.tmux.waitForPane(text, { target: this.view });
  }

  async facts(pane: string, format: string): Promise<string> {
    return (await this.tmux.run("display-message", "-p", "-t", pane, format)).trim();
  }
}

test("a click switches the neighbouring view in place, and the entry shown is marked", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await start(world, "two");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const before = await workspace.facts(workspace.view, "#{pane_pid}");
  await workspace.click("one");
  await workspace.viewShows("I-am-one");
  await workspace.shows(/▌. one/);
  await workspace.click("two");
  await workspace.viewShows("I-am-two");
  await workspace.shows(/▌. two/);
  expect(await workspace.facts(workspace.view, "#{pane_pid} #{pane_active}")).toBe(`${before} 1`);
  expect((await sessions(world)).map(({ views }) => views).sort()).toEqual([0, 1]);
});

test("a session that is visible in another pane is focused there, and with Shift shown here too", async () => {
  await using world = await createWorld();
  const id = await start(world, "one");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const other = (
    await tmux.run("new-window", "-d", "-P", "-F", "#{pane_id}", process.execPath, PISYNC, "attach", id)
  ).trim();
  await tmux.waitForPane("I-am-one", { target: other });
  await waitFor("the view to be known", async () => (await sessions(world))[0]?.shownOn?.length === 1);
  await workspace.click("one");
  await waitFor("the other pane in front", async () => {
    return (await tmux.run("list-clients", "-F", "#{pane_id}")).trim() === other;
  });
  await tmux.run("select-window", "-t", workspace.view);
  await workspace.click("one", 4);
  await workspace.viewShows("I-am-one");
});

test("m mirrors the session beside its view, live", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  await workspace.keys("Enter");
  await workspace.viewShows("I-am-one");
  await workspace.keys("m");
  const mirror = await waitFor("a third pane", async () => {
    const panes = (await tmux.run("list-panes", "-F", "#{pane_id}")).split("\n");
    return panes.find((pane) => pane !== workspace.view && pane !== workspace.sidebar);
  });
  await tmux.waitForPane("I-am-one", { target: mirror });
  await tmux.sendKeys(["typed in the mirror", "Enter"], { target: mirror });
  await workspace.viewShows("typed in the mirror");
});

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
  await waitFor("one pane", async () => (await tmux.run("list-panes")).split("\n").length === 1);
  await waitFor("the layout", async () => {
    return (await tmux.run("display-message", "-p", "#{window_layout}")).trim() === layout;
  });
});

test("kill asks first; rename and filter work; what ended leaves its place", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await start(world, "two");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  await workspace.keys("/", "o", "n", "e");
  await waitFor("the filter", async () => !(await tmux.capturePane({ target: workspace.sidebar })).includes(" two "));
  await workspace.keys("Tab", "r");
  await workspace.shows("Rename");
  await workspace.keys("C-u", "renamed", "Enter");
  await waitFor("the new name", async () => (await sessions(world)).some(({ title }) => title === "renamed"));
  await workspace.keys("Escape");
  await workspace.shows("renamed");
  await workspace.click("renamed", 2);
  await workspace.shows("Mirror to the right");
  await workspace.keys("x");
  await workspace.shows("Kill renamed?");
  await workspace.keys("y");
  await waitFor("the end", async () => {
    return (await sessions(world)).find(({ title }) => title === "renamed")?.kind === "resumable";
  });
});

test("? lists every key from the table of bindings", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { cols: 160, rows: 60 });
  const workspace = await Workspace.open(tmux);
  await workspace.keys("?");
  const help = await workspace.shows("working");
  for (const words of ["attach, resume or jump", "next one that needs me", "new pi", "search all"]) {
    expect(help).toContain(words);
  }
  await workspace.keys("q");
  await workspace.shows("No session yet");
});

test("nothing in a name or directory runs, or leaves its row", async () => {
  await using world = await createWorld();
  const proof = join(world.root, "executed");
  const attacks = [
    `#(touch ${proof})`,
    "#{E:@x}#[fg=red]{bold}{/bold}",
    `$(touch ${proof})\`touch ${proof}\``,
    "\u001b]0;title\u0007\u001b[31mred\u009b2J\u202eabc",
    "日本語 👩‍👩‍👧 ❤️ مرحبا",
  ];
  for (const [index, name] of attacks.entries()) {
    const cwd = join(world.work, index === 0 ? `#(touch ${proof.replaceAll("/", "_")})` : `d${index}`);
    await mkdir(cwd, { recursive: true });
    await start(world, name, cwd);
  }
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const screen = await workspace.shows("#{E:@x}");
  expect(screen).toContain("#[fg=red]");
  for (let entry = 0; entry < attacks.length; entry++) {
    await workspace.keys("Enter");
    await workspace.viewShows("I-am-");
    await workspace.keys("m");
    await workspace.keys("Down", "Down");
  }
  await workspace.keys(".");
  await workspace.shows("Attach");
  expect(existsSync(proof)).toBe(false);
  expect(await workspace.facts(workspace.sidebar, "#{pane_title}")).not.toContain("title");
});

test("a killed sidebar, daemon or tmux server takes no session with it", async () => {
  await using world = await createWorld();
  await start(world, "one");
  {
    await using tmux = await startTmux(world);
    const workspace = await Workspace.open(tmux);
    await workspace.keys("Enter");
    await workspace.viewShows("I-am-one");
    const daemon = JSON.parse((await pisync(world, ["daemon", "status", "--json"])).stdout) as { pid: number };
    process.kill(daemon.pid, "SIGKILL");
    await workspace.shows("Waiting for the daemon");
    await workspace.shows(/▌. one/);
    await start(world, "two");
    await workspace.shows("two");
    process.kill(Number(await workspace.facts(workspace.sidebar, "#{pane_pid}")), "SIGKILL");
    await waitFor("the sidebar's pane to go", async () => (await tmux.run("list-panes")).split("\n").length === 1);
    await tmux.sendKeys(["still here", "Enter"], { target: workspace.view });
    await workspace.viewShows("still here");
  }
  expect((await sessions(world)).filter(({ kind }) => kind === "live")).toHaveLength(2);
});

test("without tmux the sidebar fills the terminal, and the detach key comes back to it", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await using terminal = pisyncTerminal(world, ["sidebar"], { cols: 60, rows: 20 });
  await terminal.waitForScreen("one");
  terminal.send("\r");
  await terminal.waitForScreen("I-am-one");
  terminal.send(CTRL_BACKSLASH);
  await terminal.waitForScreen("? help");
  terminal.send("q");
  expect(await terminal.exit).toMatchObject({ exitCode: 0 });
  expect(terminal.screenText()).not.toContain("? help");
});
