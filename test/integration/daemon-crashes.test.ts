import { execFile } from "node:child_process";
import { lstat, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { writeJsonFile } from "../../runtime/json-file.ts";
import { readLease } from "../../runtime/lease.ts";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { HOST, sessionRecord } from "../fixtures/daemon/records.ts";
import { isRunning, untilGone } from "../support/processes.ts";
import type { TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let daemonPid: number;
eachInDaemonWorld((started) => ({ world, client, daemonPid } = started));

test("a host that is killed leaves a session that says so and can be resumed", async () => {
  const { session } = await client.launchAgent("conversation");
  const child = await client.childPid(session.id);
  process.kill(await client.hostPid(session.id), "SIGKILL");
  await expect
    .poll(() => client.find(session.id), { timeout: 20_000 })
    .toMatchObject({ kind: "resumable", ending: { cause: "host-died" } });
  await untilGone(child);
  expect(await client.resume(session.id)).toMatchObject({ outcome: "started", session: { generation: 2 } });
  expect(await readLease(client.paths.leasesDirectory, "id:conversation")).toMatchObject({ generation: 2 });
});

test("a host that is killed while its program works leaves an interrupted session", async () => {
  const { session } = await client.launch();
  await expect.poll(() => client.find(session.id), { timeout: 20_000 }).toMatchObject({ status: { state: "working" } });
  process.kill(await client.hostPid(session.id), "SIGKILL");
  await expect
    .poll(() => client.find(session.id), { timeout: 20_000 })
    .toMatchObject({ status: { state: "interrupted" }, ending: { cause: "host-died", interrupted: true } });
});

test("a child that outlives its host is ended, so that resuming makes no second writer", async () => {
  const { session } = await client.launch({ argv: ["sh", "-c", "trap '' HUP; while :; do sleep 1; done"] });
  const child = await client.childPid(session.id);
  await waitFor(
    "the trap",
    async () => (await promisify(execFile)("ps", ["-o", "pid=", "--ppid", String(child)])).stdout,
  );
  process.kill(await client.hostPid(session.id), "SIGKILL");
  await untilGone(child);
});

test("a child that outlives its host and its daemon is ended by the next daemon", async () => {
  const { session } = await client.launch({ argv: ["sh", "-c", "trap '' HUP; while :; do sleep 1; done"] });
  const [host, child] = [await client.hostPid(session.id), await client.childPid(session.id)];
  await waitFor(
    "the trap",
    async () => (await promisify(execFile)("ps", ["-o", "pid=", "--ppid", String(child)])).stdout,
  );
  await client.crash(daemonPid);
  process.kill(host, "SIGKILL");
  await untilGone(host);
  expect(await isRunning(child)).toBe(true);
  await client.start();
  await untilGone(child);
});

test("sessions survive a crash of the daemon and are found again", async () => {
  const { session } = await client.launchAgent("conversation");
  const child = await client.childPid(session.id);
  await client.crash(daemonPid);
  expect(await isRunning(child)).toBe(true);
  await client.start();
  expect(await client.find(session.id)).toMatchObject({ kind: "live", pid: child });
  expect(await client.launchAgent("conversation")).toMatchObject({ outcome: "attached", session: { id: session.id } });
});

test("what happened while no daemon was there is known at its next start", async () => {
  const died = await client.launchAgent("one");
  const exited = await client.launch({ argv: ["sh", "-c", "while [ ! -e end ]; do sleep 0.05; done; exit 3"] });
  const [diedHost, exitedHost] = [await client.hostPid(died.session.id), await client.hostPid(exited.session.id)];
  await client.crash(daemonPid);
  process.kill(diedHost, "SIGKILL");
  await writeFile(join(world.work, "end"), "");
  await untilGone(diedHost);
  await untilGone(exitedHost);
  await client.start();
  expect(await client.find(died.session.id)).toMatchObject({ kind: "resumable", ending: { cause: "host-died" } });
  expect(await client.find(exited.session.id)).toMatchObject({ ending: { cause: "exited", exitCode: 3 } });
  await expect(lstat(died.session.socket ?? "")).rejects.toThrow("ENOENT");
});

test("a host whose record appears after the daemon's first look is found", async () => {
  const { session } = await client.launch();
  const directory = client.paths.sessionDirectory(session.id);
  await client.crash(daemonPid);
  await rename(directory, join(world.work, "later"));
  await client.start();
  expect(await client.list()).toEqual([]);
  await rename(join(world.work, "later"), directory);
  await expect.poll(() => client.find(session.id), { timeout: 20_000 }).toMatchObject({ kind: "live" });
});

test("a record whose pid was given to another process is not mistaken for a live host", async () => {
  await client.stop();
  await untilGone(daemonPid);
  const host = {
    ...HOST,
    process: { pid: process.pid, startTime: "1@another" },
    socket: client.paths.hostSocket("abcdefgh", 1),
  };
  await mkdir(client.paths.sessionDirectory("abcdefgh"), { mode: 0o700 });
  await writeJsonFile(client.paths.sessionRecord("abcdefgh"), sessionRecord("abcdefgh", { agent: "command", host }));
  await client.start();
  expect(await client.find("abcdefgh")).toMatchObject({ kind: "resumable", ending: { cause: "host-died" } });
});

test("a broken record is kept aside, and the sessions beside it are there", async () => {
  const { session } = await client.launch();
  await client.crash(daemonPid);
  await mkdir(client.paths.sessionDirectory("abcdefgh"), { mode: 0o700 });
  await writeFile(client.paths.sessionRecord("abcdefgh"), "{");
  await client.start();
  expect((await client.list()).map(({ id }) => id)).toEqual([session.id]);
  expect(await readdir(client.paths.sessionDirectory("abcdefgh"))).toEqual(["session.json.broken"]);
});
