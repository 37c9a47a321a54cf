import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { signal } from "../support/processes.ts";
import type { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, DETACH, prompt, untilPiReady } from "./pi-scene.ts";

describe("a session outlives its terminal", () => {
  it("goes on when its view is left, and shows the same screen and scrollback when attached again", async () => {
    await using scene = await createScene();
    const first = scene.terminal(["run", "--", "sh", "-c", "seq 1 60; cat"]);
    await first.waitForScreen("60");
    first.send("typed\r");
    await first.waitForScreen(/typed\ntyped/);
    first.send(DETACH);
    expect((await first.exit).exitCode).toBe(0);
    const { id } = await scene.live();
    expect(first.screenText()).toContain(`[detached; back with: pisync attach ${id}]`);

    const second = scene.terminal(["attach"]);
    await second.waitForScreen(/typed\ntyped/);
    const lines = second.scrollbackText().trim().split("\n");
    expect(lines.slice(-62)).toEqual([...Array.from({ length: 60 }, (_, n) => String(n + 1)), "typed", "typed"]);
  });

  it("goes on when the terminal is closed", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await view.close();
    const { pid, id } = await scene.live(({ views }) => views === 0);
    const again = scene.terminal(["attach", id]);
    await untilPiReady(again);
    expect((await scene.session(id)).pid).toBe(pid);
  });

  it("takes what is typed before the view has started", async () => {
    await using scene = await createScene();
    const id = await scene.ok("run", "-d", "--", "cat");
    const view = scene.terminal(["attach", id]);
    view.send("typed at once\r");
    await view.waitForScreen(/^typed at once\ntyped at once/);
  });

  it("keeps what the terminal showed before, in its scrollback", async () => {
    await using scene = await createScene();
    const id = await scene.ok("run", "-d", "--", "sh", "-c", "echo inside; cat");
    const view = scene.terminal(["attach", id]);
    await view.waitForScreen("inside");
    expect(view.screenText().startsWith("inside")).toBe(true);
    // The end of a line may be read behind the line.
    await waitFor("the cursor below it", () => view.cursor().x === 0 && view.cursor().y === 1);
  });
});

describe("several views of one pi", () => {
  it("stay in step, take input from each, and show identical screens", async () => {
    await using scene = await createScene();
    const left = scene.terminal(["pi"]);
    await untilPiReady(left);
    const right = scene.terminal(["attach"]);
    await untilPiReady(right);
    left.send("from the left");
    await right.waitForScreen("from the left");
    left.send("\r");
    await left.waitForScreen("Echo reply to: from the left");
    await right.waitForScreen("Echo reply to: from the left");
    right.send("from the right");
    await left.waitForScreen("from the right");
    right.send("\r");
    await left.waitForScreen("Echo reply to: from the right");
    // Each terminal reads a frame of pi's in pieces of its own, the cursor last.
    const shown = (view: Terminal) => JSON.stringify([view.screenText(), view.cursor()]);
    await waitFor("identical screens", () => shown(left) === shown(right));
    await scene.live(({ views }) => views === 2);
    expect(scene.model.requests).toHaveLength(2);
  });

  it("joins in the middle of a run, and any view can interrupt it", async () => {
    await using scene = await createScene();
    const left = scene.terminal(["pi"]);
    await untilPiReady(left);
    await prompt(left, "slow:200");
    await scene.model.nextRequest();
    const { id } = await scene.live(({ status }) => status?.state === "working");
    const right = scene.terminal(["attach", id]);
    await right.waitForScreen("slow:200");
    right.send("\x1b");
    await left.waitForScreen("Operation aborted");
    await right.waitForScreen("Operation aborted");
    await scene.untilSession(id, ({ status }) => status?.state === "idle");
    expect(right.scrollbackText().match(/Operation aborted/g)).toHaveLength(1);
    expect(scene.model.requests).toHaveLength(1);
  });

  it("a read-only view shows everything and changes nothing, the size included", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["run", "--", "sh", "-c", "stty size; cat"], { cols: 90, rows: 25 });
    await view.waitForScreen("25 90");
    const watching = scene.terminal(["attach", "--read-only"], { cols: 40, rows: 10 });
    await watching.waitForScreen("25 90");
    watching.send("not wanted\r");
    view.send("wanted\r");
    await watching.waitForScreen(/wanted\nwanted/);
    expect(view.screenText()).not.toContain("not wanted");
    watching.send("q");
    expect((await watching.exit).exitCode).toBe(0);
  });
});

describe("keys that stop things", () => {
  it("Ctrl-Z in pi freezes nothing: it draws again and takes input", async () => {
    await using scene = await createScene();
    const left = scene.terminal(["pi"]);
    await untilPiReady(left);
    const right = scene.terminal(["attach"]);
    await untilPiReady(right);
    right.send("\x1a");
    // pi gives its terminal back and stops itself; the host continues it, and it takes the terminal again.
    await waitFor("pi to come back", () => /\x1b\[\?2004l[^]*\x1b\[\?2004h/.test(left.output().toString("latin1")));
    await prompt(right, "after the stop");
    await left.waitForScreen("Echo reply to: after the stop");
    await right.waitForScreen("Echo reply to: after the stop");
  });

  it("a view that is stopped in a flood holds nobody up, and shows the present when it goes on", async () => {
    await using scene = await createScene();
    const flood = "read go; seq 1 2000000; echo FLOOD-OVER; cat";
    const reading = scene.terminal(["run", "--", "sh", "-c", flood]);
    const { id } = await scene.live(({ views }) => views === 1);
    const stopped = scene.terminal(["attach", id]);
    await scene.untilSession(id, ({ views }) => views === 2);
    signal(stopped.pid, "SIGSTOP");
    reading.send("go\r");
    await reading.waitForScreen("FLOOD-OVER");
    reading.send("still quick\r");
    await reading.waitForScreen(/still quick\nstill quick/);
    expect(stopped.screenText()).not.toContain("FLOOD-OVER");
    signal(stopped.pid, "SIGCONT");
    await stopped.waitForScreen(/still quick\nstill quick/);
    await waitFor("identical screens", () => stopped.screenText() === reading.screenText());
  });
});

describe("leaving", () => {
  it("stands right below the session's last row, and scrolls nothing away", async () => {
    await using scene = await createScene();
    const id = await scene.ok("run", "-d", "--", "sh", "-c", "echo one; printf two; cat");
    const view = scene.terminal(["attach", id], { rows: 40 });
    await view.waitForScreen(/^one\ntwo/);
    const above = view.scrollbackText();
    view.send(DETACH);
    expect((await view.exit).exitCode).toBe(0);
    expect(view.scrollbackText()).toBe(`${above}\n[detached; back with: pisync attach ${id}]`);
    expect(view.screenText()).toBe(`one\ntwo\n[detached; back with: pisync attach ${id}]`);
    expect(view.cursor()).toEqual({ x: 0, y: 3 });
  });

  it("of a host that does not answer takes the bottom row", async () => {
    await using scene = await createScene();
    const id = await scene.ok("run", "-d", "--", "sh", "-c", "echo one; cat");
    const view = scene.terminal(["attach", id], { rows: 12 });
    await view.waitForScreen("one");
    const host = await scene.hostPid(id);
    signal(host, "SIGSTOP");
    view.send(DETACH);
    expect((await view.exit).exitCode).toBe(0);
    signal(host, "SIGCONT");
    expect(view.screenText().split("\n").at(-1)).toContain("pisync attach");
    expect(view.cursor()).toEqual({ x: 0, y: 11 });
  });

  it.each([
    ["legacy", "\x1c"],
    ["kitty", "\x1b[92;5u"],
    ["kitty with a press event", "\x1b[92;5:1u"],
    ["modifyOtherKeys", "\x1b[27;5;92~"],
  ])("by the detach key in %s encoding", async (_, key) => {
    await using scene = await createScene();
    const view = scene.terminal(["run", "--", "sh", "-c", "echo ready; cat"]);
    await view.waitForScreen("ready");
    view.send(key);
    expect((await view.exit).exitCode).toBe(0);
    await scene.live(({ views }) => views === 0);
  });

  it("not by the detach key's byte in pasted text", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["run", "--", "sh", "-c", "stty -isig; echo ready; cat -v"]);
    await view.waitForScreen("ready");
    view.send("\x1b[200~a\x1cb\x1b[201~\r");
    await view.waitForScreen("a^\\b");
    view.send(DETACH);
    await view.exit;
  });

  it("by the key that is configured", async () => {
    await using scene = await createScene();
    const config = `${scene.world.home}/.config/pisync`;
    await mkdir(config, { recursive: true });
    await writeFile(`${config}/config.json`, '{"detachKey":"ctrl-q"}');
    const view = scene.terminal(["run", "--", "sh", "-c", "echo ready; cat"]);
    await view.waitForScreen("ready");
    view.send("\x11");
    expect((await view.exit).exitCode).toBe(0);
    await scene.live();
  });

  it.each([
    ["0", "echo last; exit 0", 0],
    ["7", "echo last; exit 7", 7],
    ["128 + the signal", "echo last; kill -TERM $$", 143],
  ])("because the program exited, with its last output and code %s", async (_, script, exitCode) => {
    await using scene = await createScene();
    const view = scene.terminal(["run", "--", "sh", "-c", script]);
    expect((await view.exit).exitCode).toBe(exitCode);
    expect(view.scrollbackText()).toContain("last");
  });

  it("because a signal ended the program, says which, and how to get a conversation back", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi", "remember me"], { rows: 50 });
    await view.waitForScreen("Echo reply to: remember me");
    const { id, pid = 0 } = await scene.live(({ status }) => status?.state === "idle");
    signal(pid, "SIGKILL");
    expect((await view.exit).exitCode).toBe(137);
    const said = `pisync: The program of session ${id} was ended by SIGKILL.`;
    expect(view.screenText()).toMatch(new RegExp(`${said}\n +Bring .* with: pisync resume ${id}$`));
    expect(await scene.ok("list")).toMatch(new RegExp(`✗ ${id}  remember me  ended by SIGKILL \\d+s`));
  });

  it.each([
    ["that dies of it", "echo ready; cat", 143],
    ["that ends by itself then", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done", 5],
  ])("because pisync killed a program %s, and says so", async (_, script, exitCode) => {
    await using scene = await createScene();
    const view = scene.terminal(["run", "--", "sh", "-c", script]);
    await view.waitForScreen("ready");
    await scene.ok("kill");
    expect((await view.exit).exitCode).toBe(exitCode);
    expect(view.screenText()).toMatch(/pisync: Session \w{8} was killed\.$/);
  });
});
