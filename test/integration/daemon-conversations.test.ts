import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sessionIdOf } from "../../daemon/sessions/session-identity.ts";
import { SessionRecord, type SessionSummary } from "../../protocol/session.ts";
import { readJsonFile, writeJsonFile } from "../../runtime/json-file.ts";
import { readLease } from "../../runtime/lease.ts";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { writeConversation, type ConversationFile } from "../fixtures/pi/conversation-files.ts";
import type { TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let daemonPid: number;
eachInDaemonWorld((started) => ({ world, client, daemonPid } = started));

const fileOf = (id: string) => join(world.agentDirectory, "sessions", "--work--", `${id}.jsonl`);

function write(id: string, change: Partial<ConversationFile> = {}): Promise<string> {
  return writeConversation(fileOf(id), { id, cwd: world.work, text: "fix the bug", age: 1, ...change });
}

function append(id: string, entry: object): Promise<void> {
  return appendFile(
    fileOf(id),
    `${JSON.stringify({ id: "0000000a", timestamp: new Date().toISOString(), ...entry })}\n`,
  );
}

/** Waits until the conversation's entry is as wanted. */
function until(
  id: string,
  reason: string,
  condition: (session: SessionSummary) => boolean = () => true,
): Promise<SessionSummary> {
  return waitFor(`${id} ${reason}`, async () => {
    const session = await client.findConversation(id);
    return session !== undefined && condition(session) ? session : undefined;
  });
}

test("what lies in the session directory of a trusted project is listed and followed, without a launch there", async () => {
  await client.crash(daemonPid);
  const folder = join(world.work, "project");
  await mkdir(join(folder, ".pi"), { recursive: true });
  await writeJsonFile(join(folder, ".pi", "settings.json"), { sessionDir: "conversations" });
  await writeJsonFile(join(world.agentDirectory, "trust.json"), { [folder]: true });
  const path = join(folder, "conversations", "one.jsonl");
  await writeConversation(path, { id: "0198-one", cwd: folder, text: "before" });
  await client.start();
  await until("0198-one", "to be listed", ({ title }) => title === "before");
  await appendFile(path, `${JSON.stringify({ type: "session_info", id: "0000000a", name: "after" })}\n`);
  await until("0198-one", "to follow its file", ({ title }) => title === "after");
});

test("a conversation on disk is listed with what its file says, and follows it", async () => {
  const path = await write("0198-one");
  expect(await until("0198-one", "to be listed")).toMatchObject({
    id: sessionIdOf("0198-one"),
    kind: "resumable",
    title: "fix the bug",
    titleSource: "first-message",
    cwd: world.work,
    conversation: { id: "0198-one", path },
    status: { state: "interrupted", source: "jsonl" },
    messages: 1,
  });
  await append("0198-one", { type: "session_info", name: "The bug" });
  const named = await until("0198-one", "to have its name", ({ titleSource }) => titleSource === "name");
  expect(named).toMatchObject({ id: sessionIdOf("0198-one"), title: "The bug" });
  expect((await client.target("target=0198-o")).id).toBe(named.id);
  expect((await client.target("kind=resumable")).id).toBe(named.id);
  await rm(path);
  await waitFor("its entry to go", async () => (await client.findConversation("0198-one")) === undefined);
});

test("resuming a conversation that pisync never launched keeps the id that it is listed with", async () => {
  await write("0198-one");
  const { id, createdAt } = await until("0198-one", "to be listed");
  await expect(client.kill(id)).rejects.toMatchObject({ code: "not-live" });
  const { outcome, session } = await client.resume(id);
  expect([outcome, session.id, session.kind, session.generation]).toEqual(["started", id, "live", 1]);
  expect(session.createdAt).toBe(createdAt);
  expect((await readLease(client.paths.leasesDirectory, "id:0198-one"))?.session).toBe(id);
  expect(await client.resume(id)).toMatchObject({ outcome: "attached", session: { id } });
  expect(await client.list()).toHaveLength(1);
  await client.kill(id);
  expect(await client.list()).toMatchObject([{ id, kind: "resumable", title: "fix the bug" }]);
  expect((await client.resume(id)).session).toMatchObject({ id, generation: 2 });
});

test("twelve resumes and launches at once on one conversation leave one host", async () => {
  await write("0198-one");
  const { id } = await until("0198-one", "to be listed");
  const open = (at: number) => (at % 2 === 0 ? client.resume(id) : client.launchAgent("0198-one"));
  const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => open(at)));
  expect(new Set(answers.map(({ session }) => session.id))).toEqual(new Set([id]));
  expect(answers.filter(({ outcome }) => outcome === "started")).toHaveLength(1);
  expect(await client.list()).toHaveLength(1);
});

test("a directory that is gone is said before anything starts, with a way to go on elsewhere", async () => {
  const cwd = join(world.work, "it's gone");
  const path = await write("0198-one", { cwd });
  const { id } = await until("0198-one", "to be listed");
  await expect(client.resume(id)).rejects.toMatchObject({
    code: "cwd-missing",
    message: `The directory ${cwd} does not exist.`,
    next: expect.stringMatching(new RegExp(`pisync pi --fork '?${path}`)) as string,
    facts: { cwd, path },
  });
  expect(await client.find(id)).toMatchObject({ kind: "resumable" });
  await mkdir(cwd);
  expect((await client.resume(id)).outcome).toBe("started");
});

test("a name is shown at once and kept for pi to be told", async () => {
  await write("0198-one");
  const { id } = await until("0198-one", "to be listed");
  const named = await client.rename(id, "mine");
  expect(named).toMatchObject({ id, title: "mine", titleSource: "name", kind: "resumable" });
  expect(named).not.toHaveProperty("generation");
  expect((await client.search("min")).hits).toMatchObject([{ session: { id }, where: "title" }]);
  await append("0198-one", { type: "session_info", name: "by another" });
  await append("0198-one", { type: "message", message: { role: "user", content: "more" } });
  expect(await until("0198-one", "to be read again", ({ messages }) => messages === 2)).toMatchObject({
    title: "mine",
  });
  const record = await readJsonFile(client.paths.sessionRecord(id), SessionRecord);
  expect(record).toMatchObject({ name: "mine", namePending: true, conversation: { id: "0198-one" } });
  expect((await client.explain(id)).title).toMatchObject({ value: "mine", source: "its user" });
  expect((await client.resume(id)).session).toMatchObject({ id, title: "mine", generation: 1 });
  expect(await client.list()).toHaveLength(1);
});

test("conversations are found by their text, their names and those of commands, each as its entry", async () => {
  await write("0198-one", { text: "the quick brown fox" });
  await write("0198-two", { text: "something else" });
  await until("0198-one", "to be listed");
  const { session: command } = await client.launch({ name: "Fox hunt" });
  const hits = async (words: string) => (await client.search(words)).hits;
  await expect.poll(async () => (await hits("quick fo")).length, { timeout: 20_000 }).toBe(1);
  expect(await hits("quick fo")).toMatchObject([
    { session: { id: sessionIdOf("0198-one"), kind: "resumable" }, snippet: "the quick brown fox" },
  ]);
  expect((await hits("fox")).map(({ session }) => session.id)).toEqual([command.id, sessionIdOf("0198-one")]);
  expect(await hits('"brown quick"')).toEqual([]);
  const live = await client.resume(sessionIdOf("0198-one"));
  expect(await hits("quick")).toMatchObject([{ session: { id: live.session.id, kind: "live" } }]);
  await expect(client.search(" ")).rejects.toMatchObject({ code: "malformed" });
});

test("what is known of a conversation is explained", async () => {
  const path = await write("0198-one");
  const { id } = await until("0198-one", "to be listed");
  expect(await client.explain(id)).toMatchObject({
    kind: { value: "resumable" },
    status: { value: "interrupted", source: "the conversation's file" },
    title: { value: "fix the bug" },
    conversation: { value: `0198-one in ${path}` },
  });
  await expect(client.explain("zzzzzzzz")).rejects.toMatchObject({ code: "no-such-target" });
});

test("a conversation in a place that only a session leads to is followed there, also by the next daemon", async () => {
  const path = join(world.work, "elsewhere", "a.jsonl");
  await writeConversation(path, { id: "0198-one", cwd: world.work, text: "hello" });
  const { session } = await client.launchAgent("0198-one");
  await client.kill(session.id);
  await client.crash(daemonPid);
  const file = client.paths.sessionRecord(session.id);
  const record = SessionRecord.parse(JSON.parse(await readFile(file, "utf8")));
  await writeJsonFile(file, { ...record, conversation: { id: "0198-one", path } });
  await client.start();
  expect(await until("0198-one", "to be read", ({ messages }) => messages === 1)).toMatchObject({
    id: session.id,
    title: "hello",
  });
});
