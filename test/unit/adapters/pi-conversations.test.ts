import { execFileSync } from "node:child_process";
import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SessionManager } from "@earendil-works/pi-coding-agent";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readConversation, resolveSelection } from "../../../adapters/agents/pi/conversations.ts";
import { sessionDirectory, type PiPlace } from "../../../adapters/agents/pi/session-directory.ts";
import { writeConversation } from "../../fixtures/pi/conversation-files.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let place: PiPlace;
let own: string;

beforeEach(async () => {
  world = await createWorld();
  place = { cwd: await realpath(world.work), env: world.env };
  own = (await sessionDirectory(place)).path;
  await mkdir(own, { recursive: true });
  // For pi's own SessionManager, which the answers are compared with.
  vi.stubEnv("PI_CODING_AGENT_DIR", world.agentDirectory);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.dispose();
});

const idOf = async (selection: Parameters<typeof resolveSelection>[0], where = place) => {
  const resolved = await resolveSelection(selection, where);
  return resolved?.kind === "stored" ? resolved.conversation.id : resolved;
};

test("-c is the newest file with a header, as pi's own continueRecent finds it", async () => {
  await writeConversation(join(own, "a.jsonl"), { id: "older", cwd: place.cwd, age: 9 });
  const newest = await writeConversation(join(own, "b.jsonl"), { id: "newest", cwd: place.cwd, age: 5 });
  await writeFile(join(own, "c.jsonl"), "no header\n");
  await writeFile(join(own, "d.jsonl"), "");
  await writeFile(join(own, "e.txt"), "{}");
  expect(await resolveSelection({ kind: "continue" }, place)).toEqual({
    kind: "stored",
    conversation: { id: "newest", path: newest, cwd: place.cwd },
  });
  expect(SessionManager.continueRecent(place.cwd).getSessionFile()).toBe(newest);
});

test("-c without any conversation is a new one", async () => {
  expect(await resolveSelection({ kind: "continue" }, place)).toBeUndefined();
  expect(
    await resolveSelection({ kind: "continue" }, { ...place, env: { HOME: join(world.root, "nobody") } }),
  ).toBeUndefined();
});

test("a whole id and the beginning of one lead to the file whose header has it", async () => {
  const path = await writeConversation(join(own, "x_other-name.jsonl"), { id: "0190aaaa-1111", cwd: place.cwd });
  await writeConversation(join(own, "y_0190aaaa-1111.jsonl"), { id: "0190bbbb-2222", cwd: place.cwd });
  expect(await resolveSelection({ kind: "session", value: "0190aaaa-1111" }, place)).toMatchObject({
    conversation: { id: "0190aaaa-1111", path },
  });
  expect(SessionManager.findById(place.cwd, "0190aaaa-1111")).toBe(path);
  expect(await idOf({ kind: "session", value: "0190bb" })).toBe("0190bbbb-2222");
  expect(await idOf({ kind: "session", value: "0190c" })).toBeUndefined();
});

test("of several with the same beginning, the one written last", async () => {
  await writeConversation(join(own, "a.jsonl"), { id: "0190-a", cwd: place.cwd, text: "one", age: 9 });
  await writeConversation(join(own, "b.jsonl"), { id: "0190-b", cwd: place.cwd, text: "two", age: 1 });
  await writeConversation(join(own, "c.jsonl"), { id: "0190-c", cwd: place.cwd, text: "three", age: 5 });
  const listed = await SessionManager.list(place.cwd);
  expect(await idOf({ kind: "session", value: "0190" })).toBe(listed.find(({ id }) => id.startsWith("0190"))?.id);
});

test("--session-id leads to the conversation of this directory, else announces a new one", async () => {
  await writeConversation(join(own, "a.jsonl"), { id: "mine", cwd: place.cwd });
  expect(await idOf({ kind: "session-id", value: "mine" })).toBe("mine");
  expect(await idOf({ kind: "session-id", value: "min" })).toEqual({ kind: "new-id", id: "min" });
});

test("every spelling of a path leads to one conversation", async () => {
  const path = await writeConversation(join(own, "a.jsonl"), { id: "one", cwd: "/elsewhere" });
  await symlink(own, join(place.cwd, "link"));
  await symlink(path, join(place.cwd, "direct.jsonl"));
  const home = { ...place, env: { ...place.env, HOME: place.cwd } };
  for (const value of [path, "link/a.jsonl", "./direct.jsonl", "direct.jsonl", `file://${path}`]) {
    expect(await idOf({ kind: "session", value })).toBe("one");
  }
  expect(await idOf({ kind: "session", value: "~/link/a.jsonl" }, home)).toBe("one");
});

test("a file that is not there yet has one name, whichever link leads to it", async () => {
  await symlink(own, join(place.cwd, "link"));
  const expected = { kind: "new-path", path: join(await realpath(own), "new.jsonl") };
  expect(await resolveSelection({ kind: "session", value: "link/new.jsonl" }, place)).toEqual(expected);
  expect(await resolveSelection({ kind: "session", value: join(own, "new.jsonl") }, place)).toEqual(expected);
  await writeFile(join(own, "new.jsonl"), "");
  expect(await resolveSelection({ kind: "session", value: join(own, "new.jsonl") }, place)).toEqual(expected);
});

test("a file that is no conversation is left to pi, which refuses it", async () => {
  await writeFile(join(own, "bad.jsonl"), '{"type":"message"}\n');
  expect(await resolveSelection({ kind: "session", value: join(own, "bad.jsonl") }, place)).toBeUndefined();
});

test("broken files neither hide the others nor stop the search", async () => {
  await writeFile(join(own, "a.jsonl"), Buffer.alloc(200_000, 0xff));
  await writeFile(join(own, "b.jsonl"), "x".repeat(100_000));
  await writeFile(join(own, "c.jsonl"), '{"type":"session","id":7}\n');
  await writeFile(join(own, "d.jsonl"), "null\n");
  await mkdir(join(own, "directory.jsonl"));
  await symlink(join(own, "nowhere"), join(own, "dangling.jsonl"));
  execFileSync("mkfifo", [join(own, "pipe.jsonl")]);
  await writeConversation(join(own, "good.jsonl"), { id: "good", cwd: place.cwd, age: 60 });
  expect(await idOf({ kind: "continue" })).toBe("good");
  expect(await idOf({ kind: "session", value: "goo" })).toBe("good");
  expect(await readConversation(join(own, "pipe.jsonl"))).toBeUndefined();
});

test("a header behind blank and torn lines is read, as pi reads it", async () => {
  const path = join(own, "late.jsonl");
  await writeFile(path, `\n{"torn\n${JSON.stringify({ type: "session", id: "late", cwd: place.cwd })}\n`);
  expect(await readConversation(path)).toEqual({ id: "late", path, cwd: place.cwd });
  expect(SessionManager.findById(place.cwd, "late")).toBe(path);
});

test("a header of up to 64 KiB is read", async () => {
  const path = join(own, "long.jsonl");
  const header = { type: "session", id: "long", cwd: place.cwd, custom: "x".repeat(60_000) };
  await writeFile(path, `${JSON.stringify(header)}\n`);
  expect(await readConversation(path)).toMatchObject({ id: "long" });
});

test("a directory that several working directories share is searched for this one's only", async () => {
  const shared = join(world.root, "shared");
  await writeConversation(join(shared, "a.jsonl"), { id: "mine", cwd: place.cwd, age: 9 });
  await writeConversation(join(shared, "b.jsonl"), { id: "theirs", cwd: "/elsewhere", age: 1 });
  const there = { ...place, sessionDir: shared };
  expect(await idOf({ kind: "continue" }, there)).toBe("mine");
  expect(await idOf({ kind: "session", value: "theirs" }, there)).toBeUndefined();
  expect(SessionManager.continueRecent(place.cwd, shared).getSessionId()).toBe("mine");
});

test("the directory: option, then environment, then the project's, then the global setting", async () => {
  const directory = async (where: PiPlace) => (await sessionDirectory(where)).path;
  const where = { ...place, env: { ...place.env, HOME: "/h" } };
  await writeFile(join(world.agentDirectory, "settings.json"), '{"sessionDir":"~/global"}');
  expect(await directory(where)).toBe("/h/global");
  await mkdir(join(place.cwd, ".pi"));
  await writeFile(join(place.cwd, ".pi", "settings.json"), '{"sessionDir":"project"}');
  expect(await directory(where)).toBe(join(place.cwd, "project"));
  const env = { ...where.env, PI_CODING_AGENT_SESSION_DIR: "/env" };
  expect(await directory({ ...where, env })).toBe("/env");
  expect(await directory({ ...where, env, sessionDir: "~" })).toBe("/h");
  await writeFile(join(place.cwd, ".pi", "settings.json"), "{broken");
  expect(await directory(where)).toBe("/h/global");
});
