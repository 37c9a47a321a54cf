import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findDaemon, stopDaemon } from "../../runtime/ensure-daemon.ts";
import { statePaths } from "../../runtime/paths.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import { DaemonClient, startDaemon } from "../fixtures/daemon/daemon-client.ts";
import { buildProgram, type Program } from "../fixtures/daemon/program.ts";
import { isRunning, untilGone } from "../support/processes.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";

let program: Program;
let programs: TemporaryWorld;
beforeAll(async () => {
  programs = await createWorld();
  program = await buildProgram(join(programs.work, "current"), { version: PACKAGE_VERSION });
  return () => programs.dispose();
});

let world: TemporaryWorld;
let client: DaemonClient;
beforeEach(async () => {
  world = await createWorld();
  client = new DaemonClient(world);
});
afterEach(() => world.dispose());

async function ensured(of: Program = program): Promise<number> {
  const answer = await of.ensure(world.env);
  if ("error" in answer) throw new Error(answer.error.message);
  return answer.pid;
}

test("twenty processes that ask at once get one and the same daemon", async () => {
  const pids = await Promise.all(Array.from({ length: 20 }, () => ensured()));
  expect(new Set(pids).size).toBe(1);
  expect((await client.info()).pid).toBe(pids[0]);
});

test("a second daemon ends quietly with code 0", async () => {
  const first = await startDaemon(world);
  const second = await startDaemon(world);
  expect([first.report.outcome, second.report.outcome]).toEqual(["ready", "held"]);
  await untilGone(second.pid);
  expect(await readFile(join(world.work, "daemon-output.log"), "utf8")).toBe("");
});

test("the socket is closed to others", async () => {
  await startDaemon(world);
  expect((await lstat(client.paths.daemonSocket)).mode & 0o777).toBe(0o600);
});

test.each([
  ["asked to", (_: number) => client.stop()],
  ["sent SIGTERM", (pid: number) => Promise.resolve(process.kill(pid, "SIGTERM"))],
  ["sent SIGINT", (pid: number) => Promise.resolve(process.kill(pid, "SIGINT"))],
])("it stops cleanly when %s, and the next one starts", async (_, stop) => {
  const { pid } = await startDaemon(world);
  await stop(pid);
  await untilGone(pid);
  await expect(lstat(client.paths.daemonSocket)).rejects.toThrow("ENOENT");
  expect(await readLeaseFiles()).not.toContain('"process"');
  expect((await startDaemon(world)).report.outcome).toBe("ready");
});

async function readLeaseFiles(): Promise<string> {
  const names = await readdir(client.paths.leasesDirectory);
  return (await Promise.all(names.map((name) => readFile(join(client.paths.leasesDirectory, name), "utf8")))).join();
}

test("after a crash the stale socket and lease are taken over", async () => {
  const { pid } = await startDaemon(world);
  await client.crash(pid);
  expect((await lstat(client.paths.daemonSocket)).isSocket()).toBe(true);
  const next = await ensured();
  expect(next).not.toBe(pid);
  expect((await client.info()).pid).toBe(next);
});

test("a daemon that hangs is stopped by force", async () => {
  const { pid } = await startDaemon(world);
  process.kill(pid, "SIGSTOP");
  expect(await stopDaemon(client.paths)).toBe(true);
  expect(await isRunning(pid)).toBe(false);
  expect(await stopDaemon(client.paths)).toBe(false);
});

test("a daemon that nobody can reach any more ends and lets another in", async () => {
  const { pid } = await startDaemon(world);
  await rm(client.paths.daemonSocket);
  await untilGone(pid);
  expect((await startDaemon(world)).report.outcome).toBe("ready");
});

test("a daemon whose state directory is gone ends", async () => {
  const { pid } = await startDaemon(world);
  // The daemon may still write what a stopping daemon writes into a folder that is being emptied.
  await rm(world.stateDirectory, { recursive: true, maxRetries: 20 });
  await untilGone(pid);
});

test("nothing is found where no daemon is, and nothing is started", async () => {
  expect(await findDaemon(client.paths)).toBeUndefined();
  expect(await stopDaemon(statePaths(world.env))).toBe(false);
});

test("a state directory with a path too long for sockets works", async () => {
  const long = join(world.root, "state".repeat(20));
  const env = { ...world.env, PISYNC_STATE_DIR: long };
  const answer = await program.ensure(env);
  const paths = statePaths(env);
  try {
    expect(answer).toMatchObject({ stateDirectory: long, socket: paths.daemonSocket });
    expect(paths.runDirectory).toMatch(/^\/tmp\/pisync-/);
    expect((await lstat(paths.runDirectory)).mode & 0o777).toBe(0o700);
  } finally {
    await stopDaemon(paths);
    await rm(paths.runDirectory, { recursive: true });
  }
});

test.each([
  [
    "world-writable",
    "unsafe-directory",
    () => mkdir(world.stateDirectory).then(() => chmod(world.stateDirectory, 0o777)),
  ],
  ["a symlink", "unsafe-directory", () => symlink(world.work, world.stateDirectory)],
  ["not to be created", "state-not-writable", () => writeFile(world.stateDirectory, "")],
  ["open in a folder of it", "unsafe-directory", openRunDirectory],
])("a state directory that is %s is refused, by the client and by the daemon", async (_, code, prepare) => {
  await prepare();
  if (code === "state-not-writable") world.env.PISYNC_STATE_DIR = join(world.stateDirectory, "state");
  expect(await program.ensure(world.env)).toMatchObject({ error: { code } });
  const { pid, report } = await startDaemon(world);
  expect(report).toMatchObject({ outcome: "failed", error: { code } });
  await untilGone(pid);
});

async function openRunDirectory(): Promise<void> {
  await mkdir(join(world.stateDirectory, "run"), { recursive: true, mode: 0o700 });
  await chmod(join(world.stateDirectory, "run"), 0o755);
}

test.runIf(process.platform === "linux")("a full disk for the log keeps nothing from working", async () => {
  await mkdir(client.paths.logsDirectory, { recursive: true, mode: 0o700 });
  await chmod(world.stateDirectory, 0o700);
  await symlink("/dev/full", client.paths.logFile("daemon"));
  const { report } = await startDaemon(world);
  expect(report.outcome).toBe("ready");
  expect(await client.list()).toEqual([]);
});

test("an older daemon is replaced, and the session it started goes on", async () => {
  const older = await buildProgram(join(world.work, "older"), { version: "0.0.9" });
  const oldPid = await ensured(older);
  expect(await client.info()).toMatchObject({ version: "0.0.9" });
  const { session } = await client.launch();
  const pids = await Promise.all(Array.from({ length: 4 }, () => ensured()));
  expect(new Set(pids).size).toBe(1);
  expect(await isRunning(oldPid)).toBe(false);
  expect(await client.info()).toMatchObject({ version: PACKAGE_VERSION, pid: pids[0], liveSessions: 1 });
  expect(await client.find(session.id)).toMatchObject({ kind: "live", hostVersion: session.hostVersion });
  await client.kill(session.id);
});

test("a newer daemon that speaks the same protocol is as good", async () => {
  const newer = await buildProgram(join(world.work, "newer"), { version: "99.0.0" });
  const pid = await ensured(newer);
  expect(await ensured()).toBe(pid);
});

test("a newer daemon with another protocol is refused in words and left alone; an older protocol is replaced", async () => {
  const newer = await buildProgram(join(world.work, "newer"), { version: "99.0.0", protocol: 2 });
  const pid = await ensured(newer);
  expect(await program.ensure(world.env)).toMatchObject({
    error: { code: "daemon-newer", next: expect.stringContaining("pisync daemon stop") as string },
  });
  expect((await client.info()).pid).toBe(pid);

  await stopDaemon(client.paths);
  const old = await ensured();
  expect(await ensured(newer)).not.toBe(old);
});

test("a broken daemon program is said with its log", async () => {
  const broken = await buildProgram(join(world.work, "broken"), { version: PACKAGE_VERSION });
  await rename(broken.daemon, `${broken.daemon}.away`);
  expect(await broken.ensure(world.env)).toMatchObject({
    error: { code: "daemon-unreachable", next: expect.stringContaining("daemon.log") as string },
  });
  expect(await readFile(client.paths.logFile("daemon"), "utf8")).toContain("daemon.js");
});

test("malformed and half-sent requests hurt only their sender", async () => {
  await startDaemon(world);
  const half = connect(client.paths.daemonSocket);
  half.write("POST /v1/launch HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
  const garbage = connect(client.paths.daemonSocket);
  garbage.write(Buffer.from([0xff, 0xfe, 0, 13, 10, 13, 10]));
  const answer = await new Promise<string>((resolve) => {
    garbage.once("data", (chunk: Buffer) => resolve(chunk.toString()));
  });
  expect(answer).toContain('"malformed"');
  await expect(client.launch({ argv: ["x".repeat(3_000_000)] })).rejects.toMatchObject({ code: "too-large" });
  await expect(client.launch({ cwd: "" })).rejects.toMatchObject({ code: "malformed" });
  expect(await client.list()).toEqual([]);
  half.destroy();
  garbage.destroy();
});
