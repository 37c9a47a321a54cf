import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { listedSessions } from "../support/listed-sessions.ts";
import { PISYNC, pisync, pisyncTerminal } from "../support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { processesMentioning } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { MOUSE, Workspace } from "../support/workspace.ts";

/** Says its name and goes on for ever. */
const speaker = (word: string) => ["sh", "-c", `echo "I-am-$0"; exec cat`, word];
const CTRL_BACKSLASH = "\u001c";

async function start(world: TemporaryWorld, name: string, { cwd = world.work, says = name } = {}): Promise<string> {
  const { stdout, stderr, exitCode } = await pisync(world, ["run", "-d", "--name", name, "--", ...speaker(says)], {
    cwd,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.trim();
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
  expect(await workspace.facts(workspace.view, "#{pane_pid}")).toBe(before);
  await workspace.untilActive(workspace.view);
  expect((await listedSessions(world)).map(({ views }) => views).sort()).toEqual([0, 1]);
});

test("outside of tmux it opens a tmux session; run again, here and there, it goes to what there is", async () => {
  await using world = await createWorld();
  await using stack = new AsyncDisposableStack();
  const tmux = async (...args: string[]) =>
    (await execa("tmux", args, { env: world.env, extendEnv: false, cwd: world.work })).stdout;
  const first = stack.use(pisyncTerminal(world, []));
  stack.defer(async () => void (await tmux("kill-server")));
  await first.waitForScreen("Choose a session");
  await tmux("split-window", "sh");
  await tmux("send-keys", `${process.execPath} ${PISYNC}`, "Enter");
  await waitFor("the focus on the sidebar", async () => (await tmux("display-message", "-p", "#{@pisync_w}")) === "32");
  const second = stack.use(pisyncTerminal(world, []));
  await second.waitForScreen("Choose a session");
  expect(await tmux("list-sessions", "-F", "#{session_name} #{session_attached} #{window_panes}")).toBe("pisync 2 3");
});

test("a session that is visible in another pane is focused there, and with o shown here too", async () => {
  await using world = await createWorld();
  const id = await start(world, "one");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const other = (
    await tmux.run("new-window", "-d", "-P", "-F", "#{pane_id}", process.execPath, PISYNC, "attach", id)
  ).trim();
  await tmux.waitForPane("I-am-one", { target: other });
  await waitFor("the view to be known", async () => (await listedSessions(world))[0]?.shownOn?.length === 1);
  // The sidebar is told in the same order, so it knows the view when it shows what came later.
  await pisync(world, ["rename", id, "the one"]);
  await workspace.shows("the one");
  await workspace.click("one");
  await waitFor("the other pane in front", async () => {
    return (await tmux.run("list-clients", "-F", "#{pane_id}")).trim() === other;
  });
  await tmux.run("select-window", "-t", workspace.view);
  await workspace.keys("o");
  await workspace.viewShows("I-am-one");
});

test("what is in the panes around stays there: a session gets a view of its own beside them, one for all", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await start(world, "two");
  await using tmux = await startTmux(world);
  const shell = (await tmux.run("display-message", "-p", "#{pane_id}")).trim();
  await tmux.sendKeys(["exec cat", "Enter"]);
  await pisync(world, ["sidebar", "--toggle", "--pane", shell], {
    env: { TMUX: `${tmux.socketPath},1,0`, TMUX_PANE: shell },
  });
  const workspace = await Workspace.around(tmux, shell);
  // A double click is one wish.
  await workspace.click("one");
  await workspace.click("one");
  const view = await waitFor("the view", async () => (await workspace.others())[0]);
  await tmux.waitForPane("I-am-one", { target: view });
  await workspace.click("two");
  await tmux.waitForPane("I-am-two", { target: view });
  expect(await workspace.others()).toEqual([view]);
  expect(await workspace.facts(shell, "#{pane_current_command}")).toBe("cat");
});

test("the popup shows what is chosen in the pane below it, in a new window, or where it is, and goes", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await start(world, "two");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  await tmux.run("new-window", "-d", "-n", "shell", "cat");
  const client = (await tmux.run("list-clients", "-F", "#{client_name}")).trim();
  const choose = async (over: string, keys: string) => {
    const sidebar = [process.execPath, PISYNC, "sidebar", "--over", over];
    const ended = tmux.run("display-popup", "-c", client, "-E", "-w", "80%", "-h", "80%", ...sidebar);
    await tmux.client.waitForScreen((screen) => screen.split("┌")[1]?.includes("▼") ?? false);
    tmux.client.send(keys);
    await ended;
    // The next one must not be taken for this one, which the terminal may show for a while yet.
    await tmux.client.waitForScreen((screen) => !screen.includes("┌"));
  };
  await choose(workspace.view, "/one\r");
  await workspace.viewShows("I-am-one");
  await choose((await tmux.run("list-panes", "-t", "shell", "-F", "#{pane_id}")).trim(), "/two\r");
  await tmux.client.waitForScreen("I-am-two");
  expect((await tmux.run("list-windows")).trim().split("\n")).toHaveLength(3);
  const paneInFront = async () => (await tmux.run("list-clients", "-F", "#{pane_id}")).trim();
  const other = await paneInFront();
  await waitFor("both views to be known", async () =>
    (await listedSessions(world)).every(({ shownOn }) => shownOn?.length === 1),
  );
  await tmux.run("select-window", "-t", workspace.view);
  await choose(workspace.view, "/two\r");
  expect(await paneInFront()).toBe(other);
  await tmux.run("select-window", "-t", workspace.view);
  await choose(workspace.view, "/two\to");
  await workspace.viewShows("I-am-two");
  await choose(workspace.view, "\u001b");
});

test("m mirrors the session beside its view, live", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  await workspace.keys("Enter");
  await workspace.viewShows("I-am-one");
  await workspace.keys("m");
  const mirror = await waitFor("a third pane", async () => (await workspace.others())[0]);
  await tmux.waitForPane("I-am-one", { target: mirror });
  await tmux.sendKeys(["typed in the mirror", "Enter"], { target: mirror });
  await workspace.viewShows("typed in the mirror");
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
  await waitFor("the new name", async () => (await listedSessions(world)).some(({ title }) => title === "renamed"));
  await workspace.keys("Escape");
  await workspace.shows("renamed");
  await workspace.click("renamed", MOUSE.right);
  await workspace.shows("Mirror to the right");
  await workspace.keys("x");
  await workspace.shows("Kill renamed?");
  await workspace.keys("y");
  await waitFor("the end", async () => {
    return (await listedSessions(world)).find(({ title }) => title === "renamed")?.kind === "resumable";
  });
});

test("? lists every key from the table of bindings", async () => {
  await using world = await createWorld();
  await using tmux = await startTmux(world, { cols: 160, rows: 60 });
  const workspace = await Workspace.open(tmux);
  await workspace.keys("?");
  const help = await workspace.shows("working");
  for (const words of ["open, resume, run again", "next one that needs me", "new pi", "search all"]) {
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
    const cwd = join(world.work, name.replaceAll("/", "_"));
    await mkdir(cwd, { recursive: true });
    // What clears the screen as a name would clear the word that is waited for, too.
    await start(world, name, { cwd, says: String(index) });
  }
  await using tmux = await startTmux(world);
  const workspace = await Workspace.open(tmux);
  const screen = await workspace.shows("#{E:@x}");
  expect(screen).toContain("#[fg=red]");
  let unseen = "01234";
  for (let entry = 0; entry < attacks.length; entry++) {
    await workspace.keys("Enter");
    const shown = await workspace.viewShows(new RegExp(`I-am-[${unseen}]`));
    unseen = unseen.replace(/I-am-(\d)/.exec(shown)?.[1] ?? "", "");
    await workspace.keys("Down", "Down");
  }
  // Last, because the next one would show in the mirror: it is the view that was used last.
  await workspace.keys("m");
  await waitFor("the mirror", async () => (await workspace.others()).length === 1);
  for (const [key, shows] of [
    [".", "Attach"],
    ["x", "Kill"],
    ["n", "New pi in"],
  ] as const) {
    await workspace.keys(key);
    await workspace.shows(shows);
    await workspace.keys("Escape");
    await workspace.shows("? help");
  }
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
    // It is back in half a second, so whoever looks now and then may miss it.
    const waiting = tmux.client.waitForScreen("Waiting for the daemon");
    process.kill(daemon.pid, "SIGKILL");
    await waiting;
    await workspace.shows(/▌. one/);
    await start(world, "two");
    await workspace.shows("two");
    process.kill(Number(await workspace.facts(workspace.sidebar, "#{pane_pid}")), "SIGKILL");
    await waitFor("the sidebar's pane to go", async () => (await tmux.run("list-panes")).split("\n").length === 1);
    await tmux.sendKeys(["still here", "Enter"], { target: workspace.view });
    await workspace.viewShows("still here");
  }
  expect((await listedSessions(world)).filter(({ kind }) => kind === "live")).toHaveLength(2);
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

test("a signal ends the sidebar with the view in its place, and the shell gets its terminal back", async () => {
  await using world = await createWorld();
  await start(world, "one");
  await using shell = new Terminal({ argv: ["sh"], cwd: world.work, env: world.env });
  shell.send(`${process.execPath} ${PISYNC} sidebar\r`);
  await shell.waitForScreen("› one");
  shell.send("\r");
  await shell.waitForScreen("I-am-one");
  // Behind the terminal's answers to the view, which nobody would read after it.
  shell.send("typed\r");
  await shell.waitForScreen(/typed\s+typed/);
  const running = async (program: RegExp) =>
    (await processesMentioning(world.root)).filter(({ command }) => program.test(command));
  // What was typed is the sidebar itself: nothing stands between it and a signal.
  expect(await running(/pisync\.js sidebar$/)).toEqual([]);
  for (const { pid } of await running(/sidebar\.js$/)) process.kill(pid, "SIGTERM");
  await waitFor("all of it to end", async () => (await running(/(pisync|sidebar)\.js/)).length === 0);
  shell.send("stty -a\r");
  await shell.waitForScreen(/ icanon[^]* echo /);
  expect(shell.output().lastIndexOf("\u001b[?1000l")).toBeGreaterThan(shell.output().lastIndexOf("\u001b[?1000h"));
});
