import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PromptList, PromptRecord } from "../../protocol/prompts.ts";
import { QuestionList } from "../../protocol/questions.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { statePaths } from "../../runtime/paths.ts";
import { pisync, pisyncTerminal } from "../support/pisync.ts";
import { signal } from "../support/processes.ts";
import type { Terminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait-for.ts";
import { bridgeData, onlyBridge } from "./bridge-scene.ts";
import { createScene, prompt, untilPiReady, type Scene } from "./pi-scene.ts";

const ASKING = join(import.meta.dirname, "..", "fixtures", "pi", "dialogs-extension.ts");

interface OwnPi {
  pi: Terminal;
  session: SessionSummary;
}

/** A pi that its user has started by hand, with the extension in it. */
async function startOwnPi(scene: Scene, ...args: string[]): Promise<OwnPi> {
  await scene.ok("install", "extension");
  await scene.ok("daemon", "start");
  const pi = scene.plainPi(args);
  await untilPiReady(pi);
  const session = await scene.until(({ kind, status }) => kind === "external" && status?.source === "extension");
  return { pi, session };
}

async function prompts(scene: Scene, id: string): Promise<PromptList> {
  return PromptList.parse(JSON.parse(await scene.ok("prompts", id, "--json")));
}

function asked(scene: Scene, text: string): number {
  const messages = scene.model.requests.at(-1)?.messages ?? [];
  return messages.filter(({ role, content }) => role === "user" && JSON.stringify(content).includes(text)).length;
}

test("a pi that was started by hand is read and driven like one in a session", async () => {
  await using scene = await createScene();
  const { pi, session } = await startOwnPi(scene);
  const { id } = session;
  const streams = [pisyncTerminal(scene.world, ["stream", id]), pisyncTerminal(scene.world, ["stream", "--all"])];
  try {
    const said = async () => {
      await scene.ok("emit", id, "tests are green");
      return streams.every((stream) => stream.output().includes("tests are green"));
    };
    await waitFor("the streams", said);
    expect(await pisync(scene.world, ["send", id, "--wait", "hello there"])).toMatchObject({ exitCode: 0 });
    for (const stream of streams) await stream.waitForScreen("Echo reply to: hello there");
    await pi.waitForScreen("Echo reply to: hello there");
    expect(streams[1]?.output().toString()).toContain(id);

    expect(await scene.ok("tail", id, "--no-follow")).toContain("Echo reply to: hello there");
    expect(await scene.ok("state", id)).toMatch(/model\s+scripted\/scripted/);
    expect(await scene.ok("history", id)).toContain("hello there");
    expect(await scene.ok("commands", id, "--json")).toContain('"commands"');
    for (const filter of [`--pid=${pi.pid}`, `--cwd=${scene.world.work}`, "--name=hello there", `--session=${id}`]) {
      expect(JSON.parse(await scene.ok("state", filter, "--json"))).toMatchObject({ session: { id } });
      expect(await scene.ok("abort", filter)).toBe(`${id} was not at work`);
    }

    expect(await scene.ok("send", "--json", "--pid", String(pi.pid), "hang")).toContain('"started"');
    await waitFor("the run", () => scene.model.requests.some((request) => request.prompt === "hang"));
    expect(await scene.ok("steer", id, "steering")).toMatch(/^steered /);
    await scene.ok("follow-up", id, "--id", "later", "afterwards");
    await scene.ok("prompts", id, "--cancel", "later");
    expect(await scene.ok("abort", id)).toBe(`${id} is interrupted`);
    expect((await pisync(scene.world, ["wait", id])).exitCode).toBe(6);
    await prompt(pi, "/quit");
    await streams[0]?.exit;
  } finally {
    for (const stream of streams) await stream.close();
  }
});

test("its questions are answered from outside", async () => {
  await using scene = await createScene();
  const { pi, session } = await startOwnPi(scene, "-e", ASKING);
  const { id } = session;
  await scene.ok("send", id, "/ask select");
  const question = await waitFor("a question", async () => {
    return QuestionList.parse(JSON.parse(await scene.ok("questions", id, "--json"))).questions[0];
  });
  await scene.untilSession(id, ({ status }) => status?.state === "waiting");
  expect(await scene.ok("answer", id, question.id, "2")).toBe(`${question.id} is answered`);
  await pi.waitForScreen('Answered select "b"');
  expect((await pisync(scene.world, ["reject", id, question.id])).stderr).toContain("is answered");
});

test("what waits for it is delivered once, although the daemon is killed, and ends with it", async () => {
  await using scene = await createScene();
  const { pi, session } = await startOwnPi(scene);
  const { id } = session;
  const running = pisync(scene.world, ["send", id, "--wait", "slow:12"]);
  await waitFor("the run", () => scene.model.requests.some((request) => request.prompt === "slow:12"));
  const waiting = pisync(scene.world, ["send", id, "--wait", "--id", "first", "waiting one"]);
  await waitFor("the prompt", async () => {
    const list = await prompts(scene, id);
    return [...list.queued, ...list.recent].some((each) => each.id === "first");
  });
  await scene.ok("follow-up", id, "--id", "second", "waiting two");
  signal(await scene.daemonPid(), "SIGKILL");
  // Whoever waits has the next daemon started.
  expect((await running).exitCode).toBe(0);
  expect((await waiting).exitCode).toBe(0);
  const over = await waitFor("no prompt to wait", async () => {
    const { queued, recent } = await prompts(scene, id);
    return queued.length === 0 ? recent : undefined;
  });
  expect(Object.fromEntries(over.map((each) => [each.text, each.state]))).toEqual({
    "slow:12": "delivered",
    "waiting one": "delivered",
    "waiting two": "delivered",
  });
  expect((await pisync(scene.world, ["send", id, "--wait", "the last one"])).exitCode).toBe(0);
  for (const text of ["slow:12", "waiting one", "waiting two"]) expect([text, asked(scene, text)]).toEqual([text, 1]);
  const again = PromptRecord.parse(
    JSON.parse(await scene.ok("follow-up", id, "--json", "--id", "second", "waiting two")),
  );
  expect(again.state).toBe("delivered");

  await scene.ok("send", id, "hang");
  const lost = pisync(scene.world, ["follow-up", id, "--wait", "never delivered"]);
  await waitFor("the prompt", async () => (await prompts(scene, id)).queued.length === 1);
  signal(pi.pid, "SIGKILL");
  expect(await lost).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("pi ended") as string });
  await waitFor(
    "its files to go",
    async () => !(await readdir(statePaths(scene.world.env).sessionsDirectory)).includes(id),
  );
});

test("programs written for pi-session-bridge find it and drive it, also after a restart of the daemon", async () => {
  await using scene = await createScene();
  const { pi, session } = await startOwnPi(scene);
  const found = await onlyBridge(scene);
  expect(found).toMatchObject({ pid: pi.pid, sessionId: session.conversation?.id, cwd: scene.world.work });
  await bridgeData(scene, "send", "--pid", String(pi.pid), "over the bridge");
  await pi.waitForScreen("Echo reply to: over the bridge");
  await scene.ok("daemon", "restart");
  await onlyBridge(scene);
  await bridgeData(scene, "send", "--pid", String(pi.pid), "over the next one");
  await pi.waitForScreen("Echo reply to: over the next one");
  await prompt(pi, "/quit");
  await pi.exit;
  await waitFor("its socket to go", () => !existsSync(found.socketPath));
});

test("without the extension it is said what to do, and that is enough", async () => {
  await using scene = await createScene();
  await scene.ok("daemon", "start");
  const pi = scene.plainPi(["hello"]);
  await untilPiReady(pi);
  const { id } = await scene.until(({ kind }) => kind === "external");
  for (const words of [
    ["send", id, "hi"],
    ["stream", id],
    ["history", id],
  ]) {
    const refused = await pisync(scene.world, words);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("pisync install extension");
  }
  expect((await pisync(scene.world, ["send", "hi"])).stderr).toContain("There is no live session.");
  await scene.ok("install", "extension");
  await prompt(pi, "/reload");
  await scene.untilSession(id, ({ status }) => status?.source === "extension");
  expect((await pisync(scene.world, ["send", id, "--wait", "hi"])).exitCode).toBe(0);
});
