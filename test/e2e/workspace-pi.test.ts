import { expect, test } from "vitest";
import type { TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { Workspace } from "../support/workspace.ts";
import { createScene, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

/** Waits until a pi in a pane takes what is typed: it sets the terminal's title at the end of its start. */
async function untilReady(tmux: TmuxServer, pane: string): Promise<void> {
  await tmux.waitForPane(/scripted\s*$/m, { target: pane });
  const title = () => tmux.run("display-message", "-p", "-t", pane, "#{pane_title}");
  await waitFor("pi to set the title", async () => / - /.test(await title()));
}

/** Types a prompt into a pane the way a person pastes one. */
async function say(tmux: TmuxServer, pane: string, text: string): Promise<void> {
  await tmux.sendBytes(`\x1b[200~${text}\x1b[201~`, { target: pane });
  await tmux.waitForPane(text, { target: pane });
  await tmux.sendKeys(["Enter"], { target: pane });
}

/** Starts pi from the sidebar in the first directory offered, and waits until it is ready in the view. */
async function newPi({ tmux, view, ...workspace }: Workspace, keys: Workspace["keys"]): Promise<void> {
  await keys("n");
  await tmux.waitForPane("New pi in", { target: workspace.sidebar });
  await keys("Enter");
  await untilReady(tmux, view);
}

/** Looks at what a mark's cell is painted with. */
async function markColour(workspace: Workspace, mark: string): Promise<string | undefined> {
  const screen = await workspace.tmux.capturePane({ target: workspace.sidebar, escapes: true });
  const line = screen.split("\n").find((each, index) => index > 0 && each.includes(mark));

  return /\u001b\[([\d;]*)m[^\u001b]*$/.exec(line?.slice(0, line.indexOf(mark)) ?? "")?.[1];
}

async function openedScene(scene: Scene): Promise<Workspace> {
  return Workspace.open(await scene.tmux());
}

test("the sidebar follows a pi through its runs: working, idle, failed, interrupted, renamed in pi", async () => {
  await using scene = await createScene();
  const workspace = await openedScene(scene);
  const { tmux, view } = workspace;
  await newPi(workspace, (...keys) => workspace.keys(...keys));
  await workspace.shows(/▌• /);
  await say(tmux, view, "slow:200");
  await workspace.shows(/▌● slow:200/);
  // It pulses: the same mark in two weights.
  const weights = new Set<string | undefined>();
  await waitFor("both weights of the mark", async () => weights.add(await markColour(workspace, "●")).size >= 2);
  await tmux.sendKeys(["Escape"], { target: view });
  await workspace.shows(/▌• slow:200/);
  await say(tmux, view, "/name Called in pi");
  await workspace.shows(/▌• Called in pi/);
  await workspace.keys("r");
  await workspace.shows("Rename Called in pi");
  await workspace.keys("C-u", "Called here", "Enter");
  await workspace.shows(/▌• Called here/);
  await tmux.waitForPane("Called here", { target: view });
});

test("what ended while nobody looked is marked until somebody does, a failure red; Tab finds it", async () => {
  await using scene = await createScene();
  const first = await scene.ok("pi", "-d", "slow:4 task");
  const workspace = await openedScene(scene);
  await workspace.shows(/ ◉ slow:4 task/);
  const second = await scene.startPi("-d", "err401");
  expect(second.id).not.toBe(first);
  await workspace.shows(/ ✗ err401/);
  await waitFor("the colour of a failure", async () => /(^|;)31$/.test((await markColour(workspace, "✗")) ?? ""));
  expect(await workspace.shows(/ pisync +✗1 ◉1/)).toBeTruthy();
  const unseen = async () =>
    (await scene.sessions()).filter(({ status }) => status?.unseen || status?.state === "error");
  await workspace.keys("Tab", "Enter");
  // A wish that follows at once takes the place of one that is not granted yet.
  await waitFor("one of them to be seen", async () => (await unseen()).length === 1);
  await workspace.keys("Tab", "Enter");
  await workspace.shows(/• slow:4 task/);
  await workspace.shows(/• err401/);
  await waitFor("nothing left to see", async () => (await unseen()).length === 0);
});

test("a session that ends in the view says so and what became of it, and Enter there or a click in the sidebar resumes it", async () => {
  await using scene = await createScene();
  const workspace = await openedScene(scene);
  const { tmux, view } = workspace;
  await newPi(workspace, (...keys) => workspace.keys(...keys));
  await say(tmux, view, "remember me");
  await workspace.viewShows("Echo reply to: remember me");
  await workspace.shows(/• remember me/);
  await say(tmux, view, "/quit");
  await workspace.viewShows("has ended. Enter resumes it.");
  await workspace.shows(/○ remember me/);
  await tmux.sendKeys(["Enter"], { target: view });
  await workspace.viewShows("Echo reply to: remember me");
  await workspace.shows(/▌• remember me/);
  await tmux.sendKeys(["C-\\"], { target: view });
  await workspace.viewShows(/remember me\s+goes on. Enter shows it again./);
  const [session] = await scene.sessions();
  await scene.ok("rename", "called anew");
  await workspace.viewShows(/called anew\s+goes on. Enter shows it again./);
  await workspace.shows("called anew");
  await tmux.sendKeys(["Enter"], { target: view });
  await workspace.viewShows("Echo reply to: remember me");
  await workspace.keys("x");
  await workspace.shows("Kill called anew?");
  await workspace.keys("y");
  await workspace.viewShows("was killed. Enter resumes it.");
  await workspace.click("○ called anew");
  await workspace.viewShows("Echo reply to: remember me");
  await scene.ok("kill");
  await workspace.viewShows("was killed. Enter resumes it.");
  // Resumed elsewhere, it goes on.
  await scene.ok("resume", "-d", session?.id ?? "");
  await workspace.viewShows("goes on. Enter shows it again.");
  expect(await scene.sessions()).toHaveLength(1);
});

test("a pi that was started without pisync is listed, and a click goes to its pane", async () => {
  await using scene = await createScene();
  const workspace = await openedScene(scene);
  const { tmux } = workspace;
  const pane = (await tmux.run("new-window", "-d", "-P", "-F", "#{pane_id}", "pi")).trim();
  await untilReady(tmux, pane);
  await say(tmux, pane, "by hand");
  await workspace.shows(/• by hand +↗ \d+s/);
  await workspace.click("by hand");
  await waitFor("its pane in front", async () => (await tmux.run("list-clients", "-F", "#{pane_id}")).trim() === pane);
  await tmux.run("select-window", "-t", workspace.view);
  await workspace.keys("x");
  await workspace.shows(/end\s+it in its terminal/);
});

test("an external pi in a terminal outside of tmux is named, not attached to", async () => {
  await using scene = await createScene();
  const pi = scene.plainPi();
  await untilPiReady(pi);
  await prompt(pi, "somewhere else");
  await pi.waitForScreen("Echo reply to: somewhere else");
  const workspace = await openedScene(scene);
  // Until its process is found, what it wrote is a conversation on disk.
  await workspace.shows(/somewhere else +↗/);
  await workspace.click("somewhere else");
  await workspace.shows(/It runs in \/dev\//);
  const sidebar = scene.terminal(["sidebar"], { cols: 60, rows: 20 });
  await sidebar.waitForScreen(/somewhere else.*↗/);
  sidebar.send("\r");
  await sidebar.waitForScreen("It runs in /dev/");
});
