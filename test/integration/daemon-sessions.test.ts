import { lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SessionRecord } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { readJsonFile } from "../../runtime/json-file.ts";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { untilGone } from "../support/processes.ts";
import type { TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let daemonPid: number;
eachInDaemonWorld((started) => ({ world, client, daemonPid } = started));

test("a launched command is live with its facts, and found by each of them", async () => {
  const { outcome, session } = await client.launch({ name: "nap", argv: ["sleep", "299"] });
  expect(outcome).toBe("started");
  expect(session).toMatchObject({ kind: "live", agent: "command", title: "nap", titleSource: "name", generation: 1 });
  const pid = await client.childPid(session.id);
  const status = { state: expect.any(String) as string };
  await expect.poll(() => client.find(session.id), { timeout: 20_000 }).toMatchObject({ status });
  for (const query of [`target=${session.id.slice(0, 5)}`, `pid=${pid}`, `cwd=${world.work}`, "name=nap", ""]) {
    expect((await client.target(query)).id).toBe(session.id);
  }
});

test("an unknown target, and one that just died, are refused with the next step", async () => {
  await expect(client.target("target=zzzzzzzz")).rejects.toMatchObject({ code: "no-such-target" });
  const { session } = await client.launch();
  await client.kill(session.id);
  await expect(client.target(`target=${session.id}&kind=live`)).rejects.toMatchObject({
    code: "not-live",
    next: `Bring it back with: pisync resume ${session.id}`,
  });
  await expect(client.kill(session.id)).rejects.toMatchObject({ code: "not-live" });
  await expect(client.kill("zzzzzzzz")).rejects.toMatchObject({ code: "no-such-target" });
  await expect(client.kill("../../etc")).rejects.toBeInstanceOf(PisyncError);
});

test("kill ends the child and its host, and says how it ended", async () => {
  const { session } = await client.launch();
  const [host, child] = [await client.hostPid(session.id), await client.childPid(session.id)];
  const ended = await client.kill(session.id);
  expect(ended).toMatchObject({ kind: "resumable", ending: { cause: "killed" } });
  await untilGone(child);
  await untilGone(host);
});

test("a host that does not answer is killed by force, and so is its child", async () => {
  const { session } = await client.launch();
  const [host, child] = [await client.hostPid(session.id), await client.childPid(session.id)];
  process.kill(host, "SIGSTOP");
  expect(await client.kill(session.id, 0)).toMatchObject({ kind: "resumable", ending: { cause: "host-died" } });
  await untilGone(child);
  await untilGone(host);
});

test("a command that exits by itself is listed as ended with its code", async () => {
  const { session } = await client.launch({ argv: ["sh", "-c", "exit 7"] });
  await expect
    .poll(() => client.find(session.id), { timeout: 20_000 })
    .toMatchObject({ kind: "resumable", status: { state: "exited" }, ending: { cause: "exited", exitCode: 7 } });
});

test("resuming a command runs it again under the same id; a live session is attached to", async () => {
  const { session } = await client.launch({ argv: ["sh", "-c", "echo run >> runs; exec sleep 300"] });
  await waitFor("the first run", () => readFile(join(world.work, "runs"), "utf8").catch(() => undefined));
  const again = await client.resume(session.id);
  expect(again).toMatchObject({ outcome: "attached", session: { id: session.id, generation: 1 } });
  expect(again.notice).toContain(session.id);

  await client.kill(session.id);
  const resumed = await client.resume(session.id);
  expect(resumed).toMatchObject({ outcome: "started", session: { id: session.id, kind: "live", generation: 2 } });
  await waitFor("the second run", async () => (await readFile(join(world.work, "runs"), "utf8")) === "run\nrun\n");
});

test("many resumes at once start one host", async () => {
  const { session } = await client.launch();
  await client.kill(session.id);
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.resume(session.id)));
  expect(answers.map(({ session: { generation } }) => generation)).toEqual(Array(8).fill(2));
  expect(answers.filter(({ outcome }) => outcome === "started")).toHaveLength(1);
});

test("resuming without a conversation says so", async () => {
  const { session } = await client.launchAgent();
  await client.kill(session.id);
  expect(await client.find(session.id)).toBeUndefined();
  await expect(client.resume(session.id)).rejects.toMatchObject({ code: "nothing-to-resume" });
});

test("a directory that is gone is said before anything starts", async () => {
  const cwd = join(world.work, "gone");
  await expect(client.launch({ cwd })).rejects.toMatchObject({ code: "cwd-missing", facts: { cwd } });
  await mkdir(cwd);
  const { session } = await client.launch({ cwd });
  await client.kill(session.id);
  await rm(cwd, { recursive: true });
  // A host that is started opens its log first.
  const hostLog = client.paths.logFile(`host-${session.id}`);
  await rm(hostLog);
  await expect(client.resume(session.id)).rejects.toMatchObject({ code: "cwd-missing" });
  await expect(lstat(hostLog)).rejects.toThrow("ENOENT");
  expect(await readdir(client.paths.sessionsDirectory)).toEqual([session.id]);
});

test("a program that is not on the launcher's PATH is said", async () => {
  const env = { PATH: world.work };
  await expect(client.launch({ env })).rejects.toMatchObject({ code: "program-not-found" });
  expect(await client.list()).toEqual([]);
});

test("a repeated launch with the same id is the same launch", async () => {
  const id = "abcdefgh";
  const answers = await Promise.all(Array.from({ length: 4 }, () => client.launch({ id })));
  expect(new Set(answers.map(({ session }) => session.socket)).size).toBe(1);
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(4).fill("started"));
  await client.kill(id);
  const late = await client.launch({ id });
  expect(late.session).toMatchObject({ kind: "resumable", generation: 1 });
  expect(await client.list()).toHaveLength(1);
});

test("twelve launches at once on one conversation leave one host", async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => client.launchAgent("conversation")));
  expect(new Set(answers.map(({ session }) => session.id)).size).toBe(1);
  expect(answers.filter(({ outcome }) => outcome === "started")).toHaveLength(1);
  for (const { outcome, notice } of answers) if (outcome === "attached") expect(notice).toContain("is live");
  expect(await client.list()).toHaveLength(1);
  expect(await readdir(client.paths.sessionsDirectory)).toHaveLength(1);
  const { session } = await client.launchAgent("another");
  expect(session.id).not.toBe(answers[0]?.session.id);
});

test("launching a conversation that an ended session holds resumes that session", async () => {
  const first = await client.launchAgent("conversation");
  await client.kill(first.session.id);
  const second = await client.launchAgent("conversation");
  expect(second).toMatchObject({ outcome: "started", session: { id: first.session.id, generation: 2 } });
  expect(await client.list()).toHaveLength(1);
});

test("a host that cannot start is said with its log", async () => {
  await client.stop();
  await untilGone(daemonPid);
  await client.start({ host: join(import.meta.dirname, "../fixtures/daemon/crashing-host.ts") });
  const refusal = await client.launch({ id: "abcdefgh" }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "launch-failed", facts: { session: "abcdefgh" } });
  expect(await readFile(client.paths.logFile("host-abcdefgh"), "utf8")).toContain("the installation is broken");
  expect(await client.list()).toEqual([]);
});

test("rename reaches a live session and an ended one", async () => {
  const { session } = await client.launch();
  expect(await client.rename(session.id, "live name")).toMatchObject({ title: "live name", titleSource: "name" });
  await client.kill(session.id);
  expect(await client.rename(session.id, "ended name")).toMatchObject({ title: "ended name", kind: "resumable" });
  const record = await readJsonFile(client.paths.sessionRecord(session.id), SessionRecord);
  expect(record?.name).toBe("ended name");
});

test("a daemon that is told to stop in the middle of a launch still answers it", async () => {
  const launch = client.launch({ id: "abcdefgh" });
  await waitFor("the host to be started", () => lstat(client.paths.logFile("host-abcdefgh")).catch(() => undefined));
  await client.stop();
  expect((await launch).outcome).toBe("started");
  await untilGone(daemonPid);
  await client.start();
  expect(await client.find("abcdefgh")).toMatchObject({ kind: "live" });
});

test("environment values are written nowhere and inherited by no host", async () => {
  const secret = "the-secret-value";
  const { session } = await client.launch({ env: { PATH: "/bin:/usr/bin", SECRET: secret, TMUX: "x,1,0" } });
  const files = await readdir(world.stateDirectory, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    // The compile cache renames its files into place meanwhile.
    const text = await readFile(join(file.parentPath, file.name), "utf8").catch(() => "");
    expect(text).not.toContain(secret);
  }
  if (process.platform !== "linux") return;
  for (const pid of [daemonPid, await client.hostPid(session.id)]) {
    expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain(secret);
  }
  const child = await client.childPid(session.id);
  // Until it runs the command the child is a copy of its host.
  await waitFor("the child's own", async () => (await readFile(`/proc/${child}/environ`, "utf8")).includes(secret));
});
