import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SessionManager } from "@earendil-works/pi-coding-agent";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPiConversations } from "../../../adapters/agents/pi/pi-conversations.ts";
import { writeConversation } from "../../fixtures/pi/conversation-files.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

const pi = createPiConversations();
let world: TemporaryWorld;

beforeEach(async () => {
  world = await createWorld();
  // For pi's own SessionManager, which the answers are compared with.
  vi.stubEnv("PI_CODING_AGENT_DIR", world.agentDirectory);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.dispose();
});

const settings = (sessionDir: unknown) =>
  writeFile(join(world.agentDirectory, "settings.json"), JSON.stringify({ sessionDir }));

test("the folders of the agent directory's sessions", async () => {
  expect(await pi.roots(world.env)).toEqual([{ path: join(world.agentDirectory, "sessions"), depth: 1 }]);
  expect(await pi.roots({ HOME: "/home/someone" })).toEqual([{ path: "/home/someone/.pi/agent/sessions", depth: 1 }]);
  const elsewhere = { HOME: "/home/someone", PI_CODING_AGENT_DIR: "~/other" };
  expect(await pi.roots(elsewhere)).toEqual([{ path: "/home/someone/other/sessions", depth: 1 }]);
});

test("what pi lists in them is what lies a folder deep", async () => {
  const [root] = await pi.roots(world.env);
  const path = await writeConversation(join(root?.path ?? "", "--work--", "a.jsonl"), { id: "a", cwd: "/work" });
  await writeConversation(join(root?.path ?? "", "b.jsonl"), { id: "b", cwd: "/work" });
  await writeConversation(join(root?.path ?? "", "--work--", "deeper", "c.jsonl"), { id: "c", cwd: "/work" });
  expect((await SessionManager.listAll()).map((session) => session.path)).toEqual([path]);
});

test("the directories of the environment and of the global settings, where the files lie in themselves", async () => {
  await settings("~/sessions");
  const env = { ...world.env, PI_CODING_AGENT_SESSION_DIR: "/shared/sessions" };
  expect(await pi.roots(env)).toEqual([
    { path: join(world.agentDirectory, "sessions"), depth: 1 },
    { path: "/shared/sessions", depth: 0 },
    { path: join(world.home, "sessions"), depth: 0 },
  ]);
});

test("the sessions directory itself counts when pi is set to it", async () => {
  const sessions = join(world.agentDirectory, "sessions");
  await settings(sessions);
  const env = { ...world.env, PI_CODING_AGENT_SESSION_DIR: sessions };
  expect(await pi.roots(env)).toEqual([
    { path: sessions, depth: 1 },
    { path: sessions, depth: 0 },
  ]);
});

test("what depends on a working directory, names no path or cannot be read is left out", async () => {
  const own = { path: join(world.agentDirectory, "sessions"), depth: 1 };
  for (const path of ["sessions", "./sessions", "file://host/%2F"]) {
    await settings(path);
    expect(await pi.roots({ ...world.env, PI_CODING_AGENT_SESSION_DIR: path })).toEqual([own]);
  }
  await writeFile(join(world.agentDirectory, "settings.json"), "{broken");
  expect(await pi.roots(world.env)).toEqual([own]);
  await mkdir(join(world.root, "dir", "settings.json"), { recursive: true });
  expect(await pi.roots({ ...world.env, PI_CODING_AGENT_DIR: join(world.root, "dir") })).toHaveLength(1);
  expect(await pi.roots({ ...world.env, PI_CODING_AGENT_DIR: "relative" })).toEqual([]);
});

test("the directory of a project's settings, where pi was told to trust the project", async () => {
  const projects = {
    trusted: "sessions",
    denied: "sessions",
    unasked: "sessions",
    odd: "file://host/%2F",
    plain: undefined,
  };
  for (const [name, sessionDir] of Object.entries(projects)) {
    await mkdir(join(world.work, name, ".pi"), { recursive: true });
    await writeFile(join(world.work, name, ".pi", "settings.json"), JSON.stringify({ sessionDir }));
  }
  const answers = { trusted: true, denied: false, unasked: null, odd: true, plain: true, gone: true };
  const decisions = Object.entries(answers).map(([name, answer]) => [join(world.work, name), answer]);
  await writeFile(join(world.agentDirectory, "trust.json"), JSON.stringify(Object.fromEntries(decisions)));
  expect(await pi.roots(world.env)).toEqual([
    { path: join(world.agentDirectory, "sessions"), depth: 1 },
    { path: join(world.work, "trusted", "sessions"), depth: 0 },
  ]);
});

test("conversation files are told by their names", () => {
  expect(["a.jsonl", ".jsonl", "a.jsonl.tmp", "a.json", "JSONL"].map((name) => pi.isConversationFile(name))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
