import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { say, setStage } from "../fixtures/pi/running-pi.ts";
import { writeConversation } from "../fixtures/pi/conversation-files.ts";

test("pi reports itself, its conversation, its first message and its name", async () => {
  await using stage = await setStage();
  const pi = stage.startPi();
  expect(await stage.host.next("hello")).toMatchObject({ token: "token-of-the-test", pid: pi.pid });
  const identity = await stage.host.next("identity");
  expect(identity).toMatchObject({ reason: "startup", cwd: stage.world.work, running: false });
  await say(pi, "hello there");
  expect(await stage.host.next("first-message")).toEqual({ type: "first-message", text: "hello there" });
  await stage.host.next("run-settled");
  expect(await readFile(identity.path ?? "", "utf8")).toContain(`"id":"${identity.conversationId}"`);
  await say(pi, "/name My work");
  expect(await stage.host.next("name")).toEqual({ type: "name", name: "My work" });
  stage.host.send({ type: "set-name", name: "Named from outside" });
  expect(await stage.host.next("name")).toEqual({ type: "name", name: "Named from outside" });
  await pi.waitForScreen("Named from outside");
});

test("/new, /resume and /fork are each reported with the conversation they lead to", async () => {
  await using stage = await setStage();
  const pi = stage.startPi();
  const first = await stage.host.next("identity");
  await say(pi, "the first");
  await stage.host.next("run-settled");

  await say(pi, "/new");
  const second = await stage.host.next("identity");
  expect(second.reason).toBe("new");
  expect(second.conversationId).not.toBe(first.conversationId);
  expect(second.firstMessage).toBeUndefined();
  await say(pi, "the second");
  await stage.host.next("run-settled");

  await say(pi, "/resume");
  await pi.waitForScreen("the first");
  pi.send("\x1b[B");
  await pi.waitForScreen(/› the first/);
  pi.send("\r");
  expect(await stage.host.next("may-open")).toMatchObject({ conversationId: first.conversationId, path: first.path });
  expect(await stage.host.next("identity")).toMatchObject({
    reason: "resume",
    conversationId: first.conversationId,
    firstMessage: "the first",
  });
  // The host gave no answer, which after a second means yes.
  await pi.waitForScreen("Resumed session");

  await say(pi, "/fork");
  await pi.waitForScreen("Fork from Message");
  pi.send("\r");
  const forked = await stage.host.next("identity");
  expect(forked.reason).toBe("fork");
  expect([first.conversationId, second.conversationId]).not.toContain(forked.conversationId);
});

test("/resume onto a conversation that is live elsewhere is declined with the sentence of the host", async () => {
  await using stage = await setStage();
  const pi = stage.startPi();
  const first = await stage.host.next("identity");
  await say(pi, "the first");
  await stage.host.next("run-settled");
  await say(pi, "/new");
  const second = await stage.host.next("identity");

  stage.host.decide = ({ conversationId }) => ({
    allowed: conversationId !== first.conversationId,
    message: "That conversation is live: pisync attach abcdefgh",
  });
  await say(pi, "/resume");
  await pi.waitForScreen(/› the first/);
  pi.send("\r");
  await stage.host.next("may-open");
  await pi.waitForScreen("That conversation is live: pisync attach abcdefgh");

  await say(pi, "still here");
  await stage.host.next("run-settled");
  expect(await readFile(second.path ?? "", "utf8")).toContain("still here");
  expect(await readFile(first.path ?? "", "utf8")).not.toContain("still here");
});

test("a conversation picked with -r is reported once it is open, and can be shut down then", async () => {
  await using stage = await setStage();
  const folder = `--${stage.world.work.slice(1).replaceAll("/", "-")}--`;
  const path = join(stage.world.agentDirectory, "sessions", folder, "a.jsonl");
  await writeConversation(path, { id: "picked-id", cwd: stage.world.work, text: "to be picked" });
  const pi = stage.startPi(["-r"]);
  await pi.waitForScreen("to be picked");
  expect(stage.host.received).toEqual([]);
  pi.send("\r");
  expect(await stage.host.next("identity")).toMatchObject({ reason: "startup", conversationId: "picked-id", path });
  const before = await readFile(path, "utf8");
  stage.host.send({ type: "shutdown", message: "That conversation is live: pisync attach abcdefgh" });
  expect(await pi.exit).toEqual({ exitCode: 0, signal: undefined });
  expect(await readFile(path, "utf8")).toBe(before);
});

test("an ephemeral conversation has no path, and leaves none", async () => {
  await using stage = await setStage();
  const pi = stage.startPi(["--no-session"]);
  const identity = await stage.host.next("identity");
  expect(identity.path).toBeUndefined();
  await say(pi, "leave no trace");
  await stage.host.next("run-settled");
  const left = await readdir(stage.world.agentDirectory, { recursive: true });
  expect(left.filter((name) => name.endsWith(".jsonl"))).toEqual([]);
});
