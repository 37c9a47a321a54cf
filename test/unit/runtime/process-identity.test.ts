import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { identityOf, isAlive, ownIdentity, signalProcess, startInstantOf } from "../../../runtime/process-identity.ts";

test("a process has the same identity however often one looks", async () => {
  const identity = await ownIdentity();
  expect(identity.pid).toBe(process.pid);
  expect(await identityOf(process.pid)).toEqual(identity);
  expect(await isAlive(identity)).toBe(true);
});

test("the same pid with another start time is another process, and is not signalled", async () => {
  const other = { pid: process.pid, startTime: "1@other" };
  expect(await isAlive(other)).toBe(false);
  expect(await signalProcess(other, "SIGKILL")).toBe(false);
});

test("a process that ended has no identity; its own signal ends it", async () => {
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  await once(child, "spawn");
  const identity = await identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("the child has no identity");
  const exited = once(child, "exit");
  expect(await signalProcess(identity, "SIGKILL")).toBe(true);
  await exited;
  expect(await isAlive(identity)).toBe(false);
  expect(await signalProcess(identity, "SIGKILL")).toBe(false);
});

test.runIf(process.platform === "linux")("a zombie is not running", async () => {
  // The shell never waits for its background child, which ends when the shell has become sleep itself.
  const child = "sh -c 'until read name < /proc/$PPID/comm && [ $name = sleep ]; do sleep 0.02; done'";
  const shell = spawn("sh", ["-c", `${child} & echo $!; exec sleep 300`], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => identityOf(pid), { timeout: 20_000 }).toBeUndefined();
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    const exited = once(shell, "exit");
    shell.kill("SIGKILL");
    await exited;
  }
});

test.runIf(process.platform === "linux")("a program's name cannot disguise the fields after it", async () => {
  const child = spawn(process.execPath, [
    "-e",
    "process.title = ') Z 1 (('; console.log('ready'); setInterval(() => {}, 1000)",
  ]);
  try {
    await once(child.stdout, "data");
    expect(await identityOf(child.pid ?? 0)).toMatchObject({ startTime: expect.stringMatching(/^\d{3,}@/) as string });
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
});

test("a process began when it was started", async () => {
  const before = Date.now();
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  await once(child, "spawn");
  const after = Date.now();
  const identity = await identityOf(child.pid ?? 0);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const startedAt = startInstantOf(identity ?? { pid: 1, startTime: "" });
  // Ticks of 10 ms, of a process and of the uptime; on macOS whole seconds.
  const inexact = process.platform === "linux" ? 30 : 1_000;
  expect(startedAt).toBeGreaterThanOrEqual(before - inexact);
  expect(startedAt).toBeLessThanOrEqual(after + inexact);
});
