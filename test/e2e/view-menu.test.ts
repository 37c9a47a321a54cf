import { expect, test } from "vitest";
import { listedSessions } from "../support/listed-sessions.ts";
import { PISYNC, pisync, pisyncTerminal } from "../support/pisync.ts";
import { createWorld } from "../support/temporary-world.ts";
import { startTmux } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene } from "./pi-scene.ts";

const MENU_KEY = "\u001e";
const ESC = "\u001b";
const CHOICES = "a next needing me  g sessions";
/** Prints control characters as `^X`, as they come. */
const SHOW_KEYS = ["sh", "-c", "stty raw -echo; echo READY; exec cat -v"];

test("Esc leaves the screen, the cursor and the modes as the program had them", async () => {
  await using world = await createWorld();
  const program = `seq 40; printf '\\033[31mred \\033[7mreverse\\033[m\\033[5;10Hhere'; exec cat`;
  await using terminal = pisyncTerminal(world, ["run", "--", "sh", "-c", program], { cols: 80, rows: 20 });
  await terminal.waitForScreen("here");
  // A snapshot may be read in pieces, and ends with the cursor.
  await waitFor("the cursor behind it", () => terminal.cursor().x === 13 && terminal.cursor().y === 4);
  const shown = () => JSON.stringify([terminal.scrollbackText(), terminal.cursor()]);
  const before = shown();
  for (const close of [ESC, "q", "\u001b[27u", "v\u0003"]) {
    terminal.send(MENU_KEY);
    await terminal.waitForScreen(CHOICES);
    terminal.send(close);
    await waitFor("the screen as it was", () => shown() === before);
  }
  terminal.send("typed");
  await terminal.waitForScreen("heretyped");
});

test("what the program does meanwhile is shown afterwards; what is typed in the menu is not for it", async () => {
  await using world = await createWorld();
  await using terminal = pisyncTerminal(world, ["run", "--", "sh", "-c", "echo READY; read x; echo done; exec cat"]);
  await terminal.waitForScreen("READY");
  await using other = pisyncTerminal(world, ["attach"]);
  await other.waitForScreen("READY");
  terminal.send(`${MENU_KEY}?zz`);
  await terminal.waitForScreen(CHOICES);
  other.send("go\r");
  await other.waitForScreen("done");
  terminal.send("v");
  expect(await terminal.waitForScreen("A mirror needs a second pane")).not.toContain("done");
  terminal.send(ESC);
  await terminal.waitForScreen("done");
  expect(other.screenText()).not.toContain("zz");
});

test("the key twice is for the program, and in tmux it always is", async () => {
  await using world = await createWorld();
  await using terminal = pisyncTerminal(world, ["run", "--", ...SHOW_KEYS]);
  await terminal.waitForScreen("READY");
  terminal.send(`a${MENU_KEY}${MENU_KEY}b`);
  await terminal.waitForScreen("a^^b");
  await using tmux = await startTmux(world, { argv: [process.execPath, PISYNC, "attach"] });
  await tmux.waitForPane("a^^b");
  await tmux.sendKeys(["C-^", "c"]);
  await tmux.waitForPane("a^^b^^c");
});

test("it renames and kills the session, the latter only after asking", async () => {
  await using world = await createWorld();
  await using terminal = pisyncTerminal(world, ["run", "--", "sh", "-c", "echo READY; exec cat"]);
  await terminal.waitForScreen("READY");
  terminal.send(`${MENU_KEY}r`);
  await terminal.waitForScreen("Name:");
  terminal.send("Called here\r");
  await waitFor("the name", async () => (await pisync(world, ["list"])).stdout.includes("Called here"));
  await terminal.waitForScreen((screen) => !/Name:|Renaming/.test(screen));
  await pisync(world, ["rename", "--name", "Called here", "Called elsewhere"]);
  terminal.send(MENU_KEY);
  await terminal.waitForScreen(CHOICES);
  terminal.send("r");
  await terminal.waitForScreen("Name: Called elsewhere");
  terminal.send("\u0015Called here\r");
  await terminal.waitForScreen((screen) => !/Name:|Renaming/.test(screen));
  terminal.send(`${MENU_KEY}x`);
  await terminal.waitForScreen("Kill Called here?");
  terminal.send("n");
  await terminal.waitForScreen(CHOICES);
  terminal.send("xy");
  await terminal.exit;
  expect(terminal.screenText()).toMatch(/READY[^]*was killed/);
  expect(terminal.screenText()).not.toContain("sessions");
});

test("the detach key detaches from the menu too, and d does", async () => {
  await using world = await createWorld();
  await pisync(world, ["run", "-d", "--", "sh", "-c", "echo READY; exec cat"]);
  for (const key of ["\u001c", "d"]) {
    await using terminal = pisyncTerminal(world, ["attach"]);
    await terminal.waitForScreen("READY");
    terminal.send(MENU_KEY);
    await terminal.waitForScreen(CHOICES);
    terminal.send(key);
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    expect(terminal.screenText()).toMatch(/^READY\n\n\[detached; back with: pisync attach/);
  }
});

test("g lists the sessions, Esc goes back, and what is chosen comes back there when it is left", async () => {
  await using world = await createWorld();
  for (const name of ["one", "two"]) {
    await pisync(world, ["run", "-d", "--name", name, "--", "sh", "-c", `echo "I-am-${name}"; exec cat`]);
  }
  await using terminal = pisyncTerminal(world, ["attach", "--name", "one"], { cols: 80, rows: 20 });
  // The screen under the list shows what was there before, so that it does not tell of a view.
  const hasView = (name: string, views: number) =>
    waitFor(`${views} views of ${name}`, async () =>
      (await listedSessions(world)).some((session) => session.title === name && session.views === views),
    );
  const goBack = async (leave: string, key: string, from: string, to = from) => {
    terminal.send(leave);
    await terminal.waitForScreen(/two[^]*\? help +Esc back/);
    await hasView(from, 0);
    terminal.send(key);
    await hasView(to, 1);
    await terminal.waitForScreen(`I-am-${to}`);
  };
  await terminal.waitForScreen("I-am-one");
  await goBack(`${MENU_KEY}g`, ESC, "one");
  await goBack(`${MENU_KEY}g`, "/two\r", "one", "two");
  for (const leave of ["\u001c", `${MENU_KEY}g`]) {
    for (const key of ["\r", ESC]) await goBack(leave, key, "two");
  }
  terminal.send("\u001c");
  await terminal.waitForScreen("? help");
  terminal.send("q");
  expect(await terminal.exit).toMatchObject({ exitCode: 0 });
});

test("a goes to the next session that needs its user, or says that none does", async () => {
  await using scene = await createScene();
  const pi = await scene.startPi("-d", "slow:4 task");
  await scene.until(({ id, status }) => id === pi.id && status?.unseen === true);
  const terminal = scene.terminal(["run", "--", "sh", "-c", "echo READY; exec cat"], { cols: 80, rows: 20 });
  await terminal.waitForScreen("READY");
  terminal.send(`${MENU_KEY}a`);
  await terminal.waitForScreen("slow:4 task");
  terminal.send(`${MENU_KEY}a`);
  await terminal.waitForScreen("No session needs you.");
});
