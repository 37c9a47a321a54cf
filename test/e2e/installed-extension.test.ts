import { join } from "node:path";
import { expect, test } from "vitest";
import { pisync } from "../support/pisync.ts";
import { waitFor } from "../support/wait-for.ts";
import { createScene, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

const DIALOGS = join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts");

async function createInstalledScene(): Promise<Scene> {
  const scene = await createScene();
  expect(await scene.ok("install", "extension")).toMatch(/^Installed .*pisync\.js\.$/);
  return scene;
}

test("install says what it does and asks, where somebody can answer; uninstall leaves nothing", async () => {
  await using scene = await createScene();
  const dry = await scene.ok("install", "extension", "--dry-run");
  expect(dry).toContain(join(scene.world.agentDirectory, "extensions", "pisync.js"));
  expect(await scene.ok("uninstall", "extension")).toContain("nothing to remove");

  const asking = scene.terminal(["install", "extension"]);
  await asking.waitForScreen("Do it? [Y/n]");
  asking.send("n");
  expect(await asking.exit).toMatchObject({ exitCode: 1 });
  expect(asking.screenText()).toContain("Nothing was changed.");
  expect(await scene.ok("uninstall", "extension")).toContain("nothing to remove");

  const agreeing = scene.terminal(["install", "extension"]);
  await agreeing.waitForScreen("Do it? [Y/n]");
  agreeing.send("y");
  expect(await agreeing.exit).toMatchObject({ exitCode: 0 });
  expect(await scene.ok("doctor")).toMatch(/✓ extension +\d/);
  expect(await scene.ok("uninstall", "extension")).toContain("Removed");
  expect(await scene.ok("install", "extension", "--yes")).toContain("Installed");
});

test("something else cannot be installed", async () => {
  await using scene = await createScene();
  expect(await pisync(scene.world, ["install", "emacs"])).toMatchObject({ exitCode: 2, stdout: "" });
});

test("a pi that pisync did not start is known exactly, also by the next daemon", async () => {
  await using scene = await createInstalledScene();
  await scene.ok("daemon", "start");
  const pi = scene.plainPi(["-e", DIALOGS]);
  await untilPiReady(pi);
  const external = await scene.until(({ kind, status }) => kind === "external" && status?.source === "extension");
  expect(external).toMatchObject({ pid: pi.pid, status: { state: "idle" } });
  await prompt(pi, "bash: echo dangerous");
  const waiting = await scene.until(({ kind, status }) => kind === "external" && status?.state === "waiting");
  expect(waiting).toMatchObject({ id: external.id, title: "bash: echo dangerous", titleSource: "first-message" });
  pi.send("\r");
  await scene.until(({ id, status }) => id === external.id && status?.state === "idle");
  await prompt(pi, "/name By hand");
  await scene.until(({ id, title }) => id === external.id && title === "By hand");

  await scene.ok("daemon", "restart");
  await prompt(pi, "slow:40");
  // Until the extension has found the next daemon, the file speaks.
  const working = await scene.until(({ status }) => status?.state === "working" && status.source === "extension");
  expect(working).toMatchObject({ id: external.id, title: "By hand", kind: "external" });
  pi.send("\x1b");
  await scene.until(({ id, status }) => id === external.id && status?.state === "idle");
  await prompt(pi, "/quit");
  await pi.exit;
  await scene.until(({ kind, title }) => kind === "resumable" && title === "By hand");
});

test("its conversation is not opened a second time", async () => {
  await using scene = await createInstalledScene();
  await scene.ok("daemon", "start");
  const pi = scene.plainPi();
  await untilPiReady(pi);
  await prompt(pi, "hello");
  await pi.waitForScreen("Echo reply to: hello");
  const { conversation } = await scene.until(({ kind, status }) => kind === "external" && status?.state === "idle");
  const second = await pisync(scene.world, ["pi", "-d", "--session", conversation?.path ?? ""]);
  expect(second).toMatchObject({ exitCode: 1, stdout: "" });
  expect(second.stderr).toContain("started without pisync");
});

test("it declines to open what is live in a session, and is warned of what it opened before", async () => {
  await using scene = await createInstalledScene();
  const live = await scene.startPi("said in the session");
  // pi is idle before the run, too, and has nothing on disk then.
  await scene.untilSession(live.id, ({ status, messages }) => status?.state === "idle" && messages === 2);
  const pi = scene.plainPi();
  await untilPiReady(pi);
  await scene.until(({ kind }) => kind === "external");
  await prompt(pi, "/resume");
  await pi.waitForScreen("said in the session");
  pi.send("\r");
  await pi.waitForScreen(`pisync attach ${live.id}`);
  await pi.close();

  const { conversation } = await scene.session(live.id);
  const second = scene.plainPi(["--session", conversation?.path ?? ""]);
  await second.waitForScreen(`pisync attach ${live.id}`);
});

test("a pi that somebody starts in a shell of a session is a pi of its own, and says which session shows it", async () => {
  await using scene = await createInstalledScene();
  const shell = scene.terminal(["run", "--", "sh"]);
  await waitFor("the shell", () => shell.screenText().trim() !== "");
  shell.send("pi\r");
  const { id } = await scene.live();
  const external = await scene.until(({ kind, status }) => kind === "external" && status?.state === "idle");
  expect(external).toMatchObject({ status: { source: "extension" }, terminal: { session: id } });
  expect((await scene.session(id)).agent).toBe("command");
});

test("a session of pisync is listed once, and its facts come from its host", async () => {
  await using scene = await createInstalledScene();
  const { id } = await scene.startPi("in a session");
  await scene.untilSession(id, ({ status }) => status?.state === "idle" && status.source === "extension");
  expect((await scene.sessions()).map((session) => [session.id, session.kind])).toEqual([[id, "live"]]);
});
