import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { PISYNC } from "../support/pisync.ts";
import { signal } from "../support/processes.ts";
import { startTmux, type TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, type Scene } from "./pi-scene.ts";

/** Switches on what a full-screen program does. */
const EVERYTHING_ON =
  "printf '\\033[?1049h\\033[?1000h\\033[?1002h\\033[?1006h\\033[?1004h\\033[?2004h\\033[?1h\\033=\\033[?25l\\033[4h\\033[?7l\\033[>7u\\033[>4;2m\\033[2;5r\\033[1;31mdrawn'; cat";

const FLAGS = [
  "alternate_on",
  "mouse_any_flag",
  "mouse_button_flag",
  "mouse_standard_flag",
  "mouse_sgr_flag",
  "cursor_flag",
  "insert_flag",
  "keypad_cursor_flag",
  "keypad_flag",
  "origin_flag",
  "wrap_flag",
  "scroll_region_upper",
  "scroll_region_lower",
];

/** A shell in tmux from which views are started, and what its terminal is like. */
function shellIn(tmux: TmuxServer, scene: Scene) {
  let lines = 0;
  const run = async (command: string) => {
    // What is typed before the prompt is shown stands in front of it, and what is printed then behind it.
    await waitFor("a prompt", async () => /[#$]\s*$/.test(await all(tmux)));
    const marker = `done-${++lines}`;
    await tmux.sendKeys([`${command}; echo ${marker.replace("-", "''-")} $?`, "Enter"]);
    return waitFor(`${command} to end`, async () => new RegExp(`^${marker} (\\d+)`, "m").exec(await all(tmux))?.[1], {
      deadlineMs: 30_000,
    });
  };
  const state = async () => {
    const flags = await tmux.run("display-message", "-p", FLAGS.map((flag) => `${flag}=#{${flag}}`).join(" "));
    await run("stty -g > stty.txt");
    return { flags, stty: await readFile(`${scene.world.work}/stty.txt`, "utf8") };
  };
  return { run, state };
}

const all = (tmux: TmuxServer) => tmux.run("capture-pane", "-p", "-S", "-500");

describe("the terminal is given back as it was", () => {
  it.each([
    ["the detach key", "0", async (tmux: TmuxServer) => tmux.sendBytes("\x1c")],
    ["SIGTERM", "143", async (tmux: TmuxServer) => signal(await viewPid(tmux), "SIGTERM")],
    ["SIGHUP", "129", async (tmux: TmuxServer) => signal(await viewPid(tmux), "SIGHUP")],
    ["SIGINT", "130", async (tmux: TmuxServer) => signal(await viewPid(tmux), "SIGINT")],
    [
      "a killed host",
      "1",
      async (_tmux: TmuxServer, scene: Scene) => signal(await scene.hostPid((await scene.live()).id), "SIGKILL"),
    ],
    [
      "a killed program",
      "137",
      async (_tmux: TmuxServer, scene: Scene) => signal((await scene.live()).pid ?? 0, "SIGKILL"),
    ],
  ])("after %s", async (_, exitCode, leave) => {
    await using scene = await createScene();
    await using tmux = await startTmux(scene.world, { argv: ["sh"] });
    const { run, state } = shellIn(tmux, scene);
    await run("echo before");
    const before = await state();
    await scene.ok("run", "-d", "--", "sh", "-c", EVERYTHING_ON);
    const attached = run(`"${process.execPath}" "${PISYNC}" attach`);
    await tmux.waitForPane("drawn");
    await modesAre(tmux, "110");
    await leave(tmux, scene);
    expect(await attached).toBe(exitCode);
    expect(await state()).toEqual(before);
    const screen = await all(tmux);
    expect(screen).toMatch(/^before$/m);
    expect(await tmux.run("capture-pane", "-p", "-e")).not.toMatch(/\x1b\[[0-9;]*31/);
  });

  it("and stops and goes on with the shell's job control", async () => {
    await using scene = await createScene();
    await using tmux = await startTmux(scene.world, { argv: ["bash", "--norc"] });
    await scene.ok("run", "-d", "--", "sh", "-c", EVERYTHING_ON);
    await tmux.sendKeys([`"${process.execPath}" "${PISYNC}" attach`, "Enter"]);
    await tmux.waitForPane("drawn");
    signal(await viewPid(tmux), "SIGTSTP");
    await tmux.waitForPane(/Stopped/);
    await modesAre(tmux, "001");
    await tmux.sendKeys(["echo usable", "Enter"]);
    await tmux.waitForPane(/^usable/m);
    await tmux.sendKeys(["fg", "Enter"]);
    await modesAre(tmux, "110");
    await tmux.waitForPane("drawn");
    await tmux.sendBytes("\x1c");
    await tmux.waitForPane("[detached;");
  });
});

/** Waits for the modes, which a terminal may be given in another read than the text beside them. */
function modesAre(tmux: TmuxServer, wanted: string): Promise<unknown> {
  const format = "#{alternate_on}#{mouse_any_flag}#{cursor_flag}";
  return waitFor(`modes ${wanted}`, async () => (await tmux.run("display-message", "-p", format)).trim() === wanted);
}

/** The view in the pane. */
async function viewPid(tmux: TmuxServer): Promise<number> {
  const terminal = await tmux.run("display-message", "-p", "#{pane_tty}");
  const { stdout } = await execa("ps", ["-o", "pid=,args=", "-t", terminal.replace("/dev/", "")]);
  const view = stdout.split("\n").find((line) => line.includes(`${PISYNC} attach`));
  return Number.parseInt(view ?? "", 10);
}
