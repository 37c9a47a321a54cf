import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionSummary } from "../../protocol/session.ts";
import { PISYNC, pisync } from "../support/pisync.ts";
import { processesMentioning, signal } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";
import type { TmuxServer } from "../support/tmux-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, DETACH, type Scene } from "./pi-scene.ts";

interface PlainPi {
  tmux: TmuxServer;
  pane: string;
  session: SessionSummary;
}

/** A plain pi in a window of its own in a private tmux, after its first prompt was answered. */
async function plainPiInTmux(scene: Scene, text: string, tmux?: TmuxServer): Promise<PlainPi> {
  const server = tmux ?? (await scene.tmux());
  const pane = await server.run("new-window", "-d", "-P", "-F", "#{pane_id}", "pi");
  await untilReady(server, pane);
  await say(server, pane, text);
  await server.waitForPane(`Echo reply to: ${text}`, { target: pane });
  const session = await scene.until(
    ({ kind, terminal, title, status }) =>
      kind === "external" && terminal?.tmux?.pane === pane && title === text && status?.state === "idle",
  );
  return { tmux: server, pane, session };
}

/** Waits until pi takes what is typed: it sets the terminal's title at the end of its start. */
async function untilReady(tmux: TmuxServer, pane: string): Promise<void> {
  const title = () => tmux.run("display-message", "-p", "-t", pane, "#{pane_title}");
  await waitFor("pi to set the title", async () => / - /.test(await title()));
}

/** Types a prompt the way a person pastes one. */
async function say(tmux: TmuxServer, pane: string, text: string): Promise<void> {
  await tmux.sendBytes(`\x1b[200~${text}\x1b[201~`, { target: pane });
  await tmux.waitForPane(text, { target: pane });
  await tmux.sendKeys(["Enter"], { target: pane });
}

describe("a pi that was started without pisync", () => {
  it("is listed with its tmux pane, and its status follows", async () => {
    await using scene = await createScene();
    const { tmux, pane, session } = await plainPiInTmux(scene, "first task");
    const { id } = session;
    expect(session).toMatchObject({ agent: "pi", cwd: scene.world.work, views: 0 });
    expect(session.terminal?.tmux).toEqual({ socket: tmux.socketPath, pane });
    expect(session).not.toHaveProperty("generation");
    expect(await scene.ok("list")).toMatch(new RegExp(`• ${id}  first task  idle \\d+s, external: tmux pane ${pane}`));

    await say(tmux, pane, "slow:200");
    await scene.untilSession(id, ({ status }) => status?.state === "working");
    await tmux.sendKeys(["Escape"], { target: pane });
    await scene.untilSession(id, ({ status }) => status?.state === "idle");
    await say(tmux, pane, "err401");
    await scene.untilSession(id, ({ status }) => status?.state === "error");
    await say(tmux, pane, "/name By hand");
    await scene.untilSession(id, ({ title, titleSource }) => title === "By hand" && titleSource === "name");
  });

  it("outside tmux is listed with its terminal, and becomes resumable when it ends", async () => {
    await using scene = await createScene();
    const pi = scene.plainPi(["hello there"]);
    await pi.waitForScreen("Echo reply to: hello there");
    const external = await scene.until(({ kind, title }) => kind === "external" && title === "hello there");
    expect(external.terminal).toEqual({ tty: expect.stringMatching(/^\/dev\//) as string });
    expect(external.pid).toBe(pi.pid);
    await pi.close();
    await scene.until(({ kind, title }) => kind === "resumable" && title === "hello there");
    expect(await scene.sessions()).toHaveLength(1);
  });

  it("two in one directory with the same first prompt are not swapped", async () => {
    await using scene = await createScene();
    const tmux = await scene.tmux();
    const panes = await Promise.all(
      ["one", "two"].map(() => tmux.run("new-window", "-d", "-P", "-F", "#{pane_id}", "pi")),
    );
    for (const pane of panes) {
      await untilReady(tmux, pane);
      await say(tmux, pane, "the same for both");
      await tmux.waitForPane("Echo reply to: the same for both", { target: pane });
    }
    const words = ["apricots and plums", "granite and basalt"];
    for (const [index, pane] of panes.entries()) {
      await say(tmux, pane, words[index] ?? "");
      await tmux.waitForPane(`Echo reply to: ${words[index]}`, { target: pane });
    }
    for (const [index, pane] of panes.entries()) {
      const held = await scene.until(
        ({ terminal, conversation, attribution }) =>
          terminal?.tmux?.pane === pane && conversation?.path !== undefined && attribution?.evidence === "content",
      );
      const { readFile } = await import("node:fs/promises");
      const file = await readFile(held.conversation?.path ?? "", "utf8");
      expect(file).toContain(words[index]);
      expect(file).not.toContain(words[1 - index]);
    }
  });

  it("cannot be killed by pisync, which says so", async () => {
    await using scene = await createScene();
    const { session, pane } = await plainPiInTmux(scene, "stay alive");
    const { exitCode, stderr } = await pisync(scene.world, ["kill", session.id]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`started without pisync|did not start[^]*${pane}`));
    expect(await scene.session(session.id)).toMatchObject({ kind: "external" });
  });

  it("that is killed in a run leaves its conversation interrupted", async () => {
    await using scene = await createScene();
    const { session, tmux, pane } = await plainPiInTmux(scene, "before");
    await say(tmux, pane, "slow:200");
    await scene.untilSession(session.id, ({ status }) => status?.state === "working");
    signal(session.pid ?? 0, "SIGKILL");
    await scene.until(({ kind, status }) => kind === "resumable" && status?.state === "interrupted");
  });
});

describe("pisync attach on it", () => {
  it("jumps to its pane from another pane of the same tmux", async () => {
    await using scene = await createScene();
    const { tmux, pane, session } = await plainPiInTmux(scene, "jump here");
    await tmux.sendKeys([`'${process.execPath}' '${PISYNC}' attach ${session.id}`, "Enter"]);
    await waitFor("the pane to be shown", async () => (await shownPane(tmux)) === pane);
    await tmux.client.waitForScreen("Echo reply to: jump here");
  });

  it("says where it runs and what goes there, when no terminal shows it", async () => {
    await using scene = await createScene();
    const { tmux, session, pane } = await plainPiInTmux(scene, "in the dark");
    await tmux.run("detach-client");
    // tmux asks its client to go, and lists it until it has.
    await tmux.client.exit;
    const terminal = scene.terminal(["attach", session.id]);
    expect((await terminal.exit).exitCode).toBe(1);
    expect(terminal.screenText().replaceAll("\n", "")).toContain(
      `tmux -S ${tmux.socketPath} attach-session -t ${pane}`,
    );
  });

  it("says on which terminal it runs outside tmux", async () => {
    await using scene = await createScene();
    const pi = scene.plainPi(["over there"]);
    await pi.waitForScreen("Echo reply to: over there");
    const { id, terminal } = await scene.until(({ kind, title }) => kind === "external" && title === "over there");
    const attach = scene.terminal(["attach", id]);
    expect((await attach.exit).exitCode).toBe(1);
    expect(attach.screenText()).toContain(terminal?.tty.replace("/dev/", ""));
  });
});

describe("opening its conversation again, while that pi goes on", () => {
  let scene: Scene;
  let plain: PlainPi;
  beforeAll(async () => {
    scene = await createScene();
    plain = await plainPiInTmux(scene, "mine alone");
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
  });

  it("is refused without a terminal, with the next step", async () => {
    const { session } = plain;
    for (const args of [
      ["resume", "-d", session.id],
      ["resume", session.id],
      ["pi", "-d", "-c"],
      ["pi", "-d", "--session", session.conversation?.id ?? ""],
    ]) {
      const { exitCode, stdout, stderr } = await pisync(scene.world, args);
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 1, stdout: "" });
      expect(stderr).toContain(`Go there with: pisync attach ${session.id}, fork it with: pisync pi --fork`);
    }
    expect((await scene.sessions()).map(({ kind }) => kind)).toEqual(["external"]);
  });

  it.each([["q"], ["\x1b"], ["\x03"]])("quits on %j and leaves the terminal as it was", async (key) => {
    const view = opening(scene, plain);
    await view.waitForScreen(/\[j\].*\[f\].*\[w\].*\[q\]/);
    view.send("x");
    view.send(key);
    expect((await view.exit).exitCode).toBe(1);
    expect((await scene.sessions()).map(({ kind }) => kind)).toEqual(["external"]);
  });

  it("jumps on j", async () => {
    const view = opening(scene, plain);
    await view.waitForScreen("[j]");
    view.send("j");
    expect((await view.exit).exitCode).toBe(0);
    expect(await shownPane(plain.tmux)).toBe(plain.pane);
  });

  it("stops waiting on ctrl-c", async () => {
    const view = opening(scene, plain);
    await view.waitForScreen("[w]");
    view.send("w");
    await view.waitForScreen("Waiting for that pi");
    view.send("\x03");
    expect((await view.exit).exitCode).toBe(130);
    expect(view.screenText()).not.toContain("Waiting for that pi");
  });

  it("gives the terminal back when a signal ends the question", async () => {
    const { session } = plain;
    const script = `"${process.execPath}" "$0" resume ${session.id}; echo code $?; stty -a | tr ';' '\\n' | grep -c -- '-icanon'`;
    await using shell = new Terminal({
      argv: ["sh", "-c", script, PISYNC],
      cwd: scene.world.work,
      env: scene.world.env,
    });
    await shell.waitForScreen("[q]");
    const asking = (await processesMentioning(`resume\0${session.id}`)).map(({ pid }) => pid);
    for (const pid of asking) if (pid !== shell.pid) signal(pid, "SIGTERM");
    await shell.waitForScreen(/code 143\n0/);
  });
});

describe("opening its conversation again", () => {
  it("forks on f", async () => {
    await using scene = await createScene();
    const plain = await plainPiInTmux(scene, "fork of me");
    const view = opening(scene, plain);
    await view.waitForScreen("[f]");
    view.send("f");
    await view.waitForScreen("Echo reply to: fork of me");
    const fork = await scene.live(({ conversation }) => conversation !== undefined);
    expect(fork.conversation?.id).not.toBe(plain.session.conversation?.id);
    expect(await scene.session(plain.session.id)).toMatchObject({ kind: "external" });
  });

  it("waits on w until that pi ends, also over a restart of the daemon, and opens it then", async () => {
    await using scene = await createScene();
    const plain = await plainPiInTmux(scene, "wait for me");
    const view = opening(scene, plain);
    await view.waitForScreen("[w]");
    view.send("w");
    await view.waitForScreen(/Waiting for that pi to end \(idle/);
    await scene.ok("daemon", "restart");
    await say(plain.tmux, plain.pane, "slow:200");
    await view.waitForScreen(/Waiting for that pi to end \(working/);
    await plain.tmux.run("kill-pane", "-t", plain.pane);
    await view.waitForScreen("Echo reply to: wait for me");
    const live = await scene.live(({ attribution }) => attribution?.evidence === "extension");
    expect(live.conversation?.id).toBe(plain.session.conversation?.id);
    view.send(DETACH);
    await view.exit;
  });
});

/** `pisync resume` of that pi in a terminal. */
function opening(scene: Scene, { session }: PlainPi): Terminal {
  return scene.terminal(["resume", session.id]);
}

/** The pane that the server's client shows. */
async function shownPane(tmux: TmuxServer): Promise<string> {
  return tmux.run("list-clients", "-F", "#{pane_id}");
}
