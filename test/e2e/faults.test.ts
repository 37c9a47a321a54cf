import { chmod, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pisync } from "../support/pisync.ts";
import { isRunning, signal, untilGone } from "../support/processes.ts";
import { createWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, prompt, untilPiReady } from "./pi-scene.ts";

describe("SIGKILL", () => {
  it("of the daemon: sessions keep running, their views too, and the next command adopts them", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    const before = await scene.live(({ conversation }) => conversation !== undefined);
    const killed = await scene.daemonPid();
    signal(killed, "SIGKILL");
    await untilGone(killed);
    await prompt(view, "without a daemon");
    await view.waitForScreen("Echo reply to: without a daemon");
    expect(await scene.live(({ status }) => status?.state === "idle")).toMatchObject({
      id: before.id,
      pid: before.pid,
      views: 1,
    });
    expect(await scene.daemonPid()).not.toBe(killed);
    const second = scene.terminal(["attach"]);
    await second.waitForScreen("Echo reply to: without a daemon");
  });

  it("of the host: the view says so, pi ends, the session is resumable with its history", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await prompt(view, "before the crash");
    await view.waitForScreen("Echo reply to: before the crash");
    const { id, pid = 0 } = await scene.live(({ status }) => status?.state === "idle");
    signal(await scene.hostPid(id), "SIGKILL");
    expect((await view.exit).exitCode).toBe(1);
    expect(view.screenText()).toContain(`pisync resume ${id}`);
    await untilGone(pid);
    expect(await scene.untilSession(id, ({ kind }) => kind === "resumable")).toMatchObject({
      ending: { cause: "host-died", interrupted: false },
    });
    const again = scene.terminal(["resume", id]);
    await again.waitForScreen("Echo reply to: before the crash");
    expect(await scene.live()).toMatchObject({ id, generation: 2 });
  });

  it("of the host in the middle of a run: the session says that it was interrupted", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await prompt(view, "said first");
    await view.waitForScreen("Echo reply to: said first");
    await prompt(view, "hang");
    // That pi is at work may still be said of the first run.
    await waitFor("the second run", () => scene.model.requests.some((request) => request.prompt === "hang"));
    const { id } = await scene.live(({ status }) => status?.state === "working");
    signal(await scene.hostPid(id), "SIGKILL");
    await view.exit;
    // Not before pi is gone as well: until then it may write.
    const ended = await scene.untilSession(id, ({ kind, status }) => kind === "resumable" && status !== undefined);
    expect(ended).toMatchObject({ status: { state: "interrupted" }, ending: { interrupted: true } });
  });

  it("of pi: its view exits with its code, the session is resumable", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    await prompt(view, "before the kill");
    await view.waitForScreen("Echo reply to: before the kill");
    const { id, pid = 0 } = await scene.live(({ status }) => status?.state === "idle");
    signal(pid, "SIGKILL");
    expect((await view.exit).exitCode).toBe(137);
    const again = scene.terminal(["resume", id]);
    await again.waitForScreen("Echo reply to: before the kill");
  });

  it("of a view: nothing else notices", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"]);
    await untilPiReady(view);
    const other = scene.terminal(["attach"]);
    await untilPiReady(other);
    signal(other.pid, "SIGKILL");
    await other.exit;
    await scene.live(({ views }) => views === 1);
    await prompt(view, "still here");
    await view.waitForScreen("Echo reply to: still here");
  });
});

describe("a program that cannot run", () => {
  it("pi with a wrong flag: its own message and exit code, also of one that nobody looked at", async () => {
    await using scene = await createScene();
    const id = (await scene.ok("pi", "-d", "--nobody-looks")).trim();
    const failed = await waitFor("its end", async () => (await scene.sessions()).find(({ ending }) => ending));
    expect(failed).toMatchObject({ id, status: { state: "exited", error: "Error: Unknown option: --nobody-looks" } });
    expect(await scene.ok("list")).toMatch(/failed \(1\) \d+s, Error: Unknown option: --nobody/);
    expect(await scene.ok("explain", id.slice(0, 4))).toContain("Unknown option: --nobody-looks");
    const view = scene.terminal(["pi", "--no-such-flag-exists"]);
    const { exitCode } = await view.exit;
    expect(view.scrollbackText()).toContain("Unknown option: --no-such-flag-exists");
    expect(exitCode).toBe(1);
  });

  it("pi that is not on PATH: how to get it", async () => {
    await using scene = await createScene();
    const view = scene.terminal(["pi"], { env: { PATH: "/usr/bin:/bin" } });
    expect((await view.exit).exitCode).toBe(1);
    expect(view.screenText().replaceAll("\n", " ")).toContain("npm install -g @earendil-works/pi-coding-agent");
    expect(await scene.sessions()).toEqual([]);
  });

  it("a command that does not exist", async () => {
    await using scene = await createScene();
    const { exitCode, stdout, stderr } = await pisync(scene.world, ["run", "-d", "--", "no-such-program-here"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("no-such-program-here is not on your PATH");
  });

  it("a directory that is gone, at a launch and at a resume", async () => {
    await using scene = await createScene();
    const gone = join(scene.world.work, "gone");
    await mkdir(gone);
    const view = scene.terminal(["pi"], { cwd: gone });
    await untilPiReady(view);
    await prompt(view, "here");
    await view.waitForScreen("Echo reply to: here");
    // The answer is on the screen before it is on disk.
    const { id } = await scene.live(({ status }) => status?.state === "idle");
    await scene.ok("kill", id);
    await rm(gone, { recursive: true });
    const resumed = await pisync(scene.world, ["resume", "-d", id]);
    expect({ exitCode: resumed.exitCode, stdout: resumed.stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(resumed.stderr).toContain(gone);

    await mkdir(gone);
    const script = `cd "${gone}" && rmdir "${gone}" && exec "${process.execPath}" "$0" pi`;
    const { PISYNC } = await import("../support/pisync.ts");
    const inGone = await import("../support/terminal.ts").then(
      ({ Terminal }) =>
        new Terminal({ argv: ["sh", "-c", script, PISYNC], cwd: scene.world.work, env: scene.world.env }),
    );
    expect((await inGone.exit).exitCode).toBe(1);
    expect(inGone.screenText()).toContain("no longer exists");
    await inGone.close();
  });

  it("a session that just died", async () => {
    await using scene = await createScene();
    const id = await scene.ok("run", "-d", "--", "sh", "-c", "exit 3");
    await scene.untilSessionEnds(id);
    const view = scene.terminal(["attach", id]);
    expect((await view.exit).exitCode).toBe(3);
    expect(view.screenText()).toContain("exited with code 3");
  });
});

describe("a state directory that cannot be used", () => {
  it.each([
    ["open to others", async (directory: string) => mkdir(directory).then(() => chmod(directory, 0o777)), "chmod 700"],
    [
      "a symbolic link",
      async (directory: string) =>
        mkdir(`${directory}-real`, { mode: 0o700 }).then(() => symlink(`${directory}-real`, directory)),
      "symbolic link",
    ],
  ])("%s is refused with the next step, and nothing is put into it", async (_, make, words) => {
    await using world = await createWorld();
    await make(world.stateDirectory);
    const { exitCode, stdout, stderr } = await pisync(world, ["list"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(words);
    const { readdir } = await import("node:fs/promises");
    expect(await readdir(world.stateDirectory)).toEqual([]);
  });

  it("with a path too long for a socket works all the same", async () => {
    await using scene = await createScene();
    const env = { PISYNC_STATE_DIR: join(scene.world.root, "long".repeat(30)) };
    const started = await pisync(scene.world, ["run", "-d", "--", "cat"], { env });
    expect(started).toMatchObject({ exitCode: 0 });
    const view = scene.terminal(["attach", started.stdout], { env });
    view.send("typed\r");
    await view.waitForScreen(/typed\ntyped/);
    const { socket = "" } = (
      JSON.parse((await pisync(scene.world, ["list", "--json"], { env })).stdout) as { sessions: { socket?: string }[] }
    ).sessions[0] ?? { socket: "" };
    const { pid } = JSON.parse((await pisync(scene.world, ["daemon", "status", "--json"], { env })).stdout) as {
      pid: number;
    };
    expect(await pisync(scene.world, ["kill"], { env })).toMatchObject({ exitCode: 0 });
    await view.exit;
    expect(await pisync(scene.world, ["daemon", "stop"], { env })).toMatchObject({ exitCode: 0 });
    expect(await isRunning(pid)).toBe(false);
    await rm(join(socket, ".."), { recursive: true });
  });
});
