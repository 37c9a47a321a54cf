import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { statePaths } from "../../runtime/paths.ts";
import { startAgentHost, type AgentHost } from "../fixtures/pi/agent-host.ts";
import { installExtension } from "../fixtures/pi/installed-extension.ts";
import { say, setStage, untilReady, type PiStage } from "../fixtures/pi/running-pi.ts";
import { waitFor } from "../support/wait-for.ts";

/** The environment of a pi that pisync did not start. */
const PLAIN = { PISYNC_HOST_SOCKET: "", PISYNC_AGENT_TOKEN: "", PISYNC_SESSION: "" };

interface InstalledStage extends AsyncDisposable {
  stage: PiStage;
  /** Listens where the daemon of the stage's state directory would. */
  daemon: AgentHost;
}

/** A stage whose every pi loads the installed copy of the extension. */
async function setInstalledStage(): Promise<InstalledStage> {
  const stage = await setStage();
  await installExtension(stage.world.agentDirectory);
  const socket = statePaths(stage.world.env).daemonSocket;
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  const daemon = await startAgentHost(socket);
  return {
    stage,
    daemon,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

test("a pi that pisync did not start reports to the daemon", async () => {
  await using installed = await setInstalledStage();
  const { stage, daemon } = installed;
  const pi = stage.startPi([], { inject: false, env: PLAIN });
  expect(await daemon.next("hello")).toMatchObject({ token: "", pid: pi.pid });
  expect(await daemon.next("identity")).toMatchObject({ reason: "startup", cwd: stage.world.work, running: false });
  await say(pi, "hello");
  expect(await daemon.next("first-message")).toMatchObject({ text: "hello" });
  expect(await daemon.next("run-settled")).toMatchObject({ outcome: "done" });
  daemon.send({ type: "notify", message: "Told by the daemon" });
  await pi.waitForScreen("Told by the daemon");
  await say(pi, "/quit");
  expect(await pi.exit).toEqual({ exitCode: 0, signal: undefined });
  expect(stage.host.received).toEqual([]);
});

test("in a session of pisync the injected copy speaks, with the host, through /new and /reload", async () => {
  await using installed = await setInstalledStage();
  const { stage, daemon } = installed;
  const pi = stage.startPi();
  await stage.host.next("identity");
  await say(pi, "hello");
  await stage.host.next("run-settled");
  await say(pi, "/new");
  expect(await stage.host.next("identity")).toMatchObject({ reason: "new" });
  await pi.waitForScreen("New session started");
  await say(pi, "/reload");
  expect(await stage.host.next("identity")).toMatchObject({ reason: "reload" });
  await pi.waitForScreen("Reloaded");
  await say(pi, "again");
  await stage.host.next("run-settled");
  const count = (type: string) => stage.host.received.filter((message) => message.type === type).length;
  expect([count("hello"), count("identity"), count("run-start"), count("run-settled")]).toEqual([1, 3, 2, 2]);
  expect(daemon.received).toEqual([]);
});

test("in a session where nothing could be injected the installed copy speaks with the host", async () => {
  await using installed = await setInstalledStage();
  installed.stage.startPi([], { inject: false });
  await installed.stage.host.next("identity");
  expect(installed.daemon.received).toEqual([]);
});

test("a pi that a tool of a session starts is not taken for the session", async () => {
  await using installed = await setInstalledStage();
  const { stage, daemon } = installed;
  const pi = stage.startPi();
  await stage.host.next("identity");
  const script = join(stage.world.work, "inner.sh");
  const inner = process.env.PISYNC_TEST_PI ?? "pi";
  await writeFile(script, `script -qfc '${inner}' /dev/null > inner.out 2>&1 < /dev/null & echo started $!\n`);
  await say(pi, "bash: sh inner.sh");
  const hello = await daemon.next("hello");
  expect(hello).toMatchObject({ token: "" });
  expect(hello.pid).not.toBe(pi.pid);
  await daemon.next("identity");
  expect(stage.host.received.filter(({ type }) => type === "hello")).toHaveLength(1);
  process.kill(hello.pid, "SIGKILL");
});

test.each([
  ["prints", ["-p", "hello"], {}],
  ["speaks JSON", ["--mode", "json", "hello"], {}],
  ["has the extension switched off", [], { PISYNC_NO_EXTENSION: "1" }],
])("a pi that %s says nothing", async (_what, args, env) => {
  await using installed = await setInstalledStage();
  const { stage, daemon } = installed;
  const pi = stage.startPi(args, { inject: false, env: { ...PLAIN, ...env } });
  if (args.length === 0) {
    await untilReady(pi);
    await say(pi, "hello");
  }
  // As it came: a screen breaks lines anywhere.
  await waitFor("the answer", () => pi.output().toString().includes("Echo reply to: hello"));
  if (args.length === 0) await say(pi, "/quit");
  await pi.exit;
  expect(daemon.received).toEqual([]);
});

test("without a daemon pi works and ends as ever, and a daemon that comes is told", async () => {
  await using installed = await setInstalledStage();
  const { stage, daemon } = installed;
  await daemon.drop({ refuse: true });
  const pi = stage.startPi([], { inject: false, env: PLAIN });
  await untilReady(pi);
  await say(pi, "hello");
  await pi.waitForScreen("Echo reply to: hello");
  await daemon.listen();
  expect(await daemon.next("identity")).toMatchObject({ firstMessage: "hello" });
  expect(await daemon.next("run-settled")).toMatchObject({ outcome: "done" });
  await daemon.drop({ refuse: true });
  await say(pi, "/quit");
  expect(await pi.exit).toEqual({ exitCode: 0, signal: undefined });
  expect(pi.scrollbackText()).not.toMatch(/pisync|ECONN|ENOENT|extension/i);
});
