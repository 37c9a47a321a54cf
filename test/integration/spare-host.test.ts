import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { eachInDaemonWorld } from "../fixtures/daemon/daemon-world.ts";
import { isRunning, processesMentioning, untilGone } from "../support/processes.ts";
import type { TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
let daemonPid: number;
eachInDaemonWorld((started) => ({ world, client, daemonPid } = started));

async function spares(): Promise<number[]> {
  const found = await processesMentioning(world.stateDirectory);
  return found.filter(({ command }) => command === "pisync spare host").map(({ pid }) => pid);
}

function untilSpare(): Promise<number> {
  return waitFor("a spare host", async () => (await spares())[0]);
}

test("a launch gets the host that was started ahead, with its own log, and the next launch another", async () => {
  const first = await untilSpare();
  const { session } = await client.launch();
  expect(await client.hostPid(session.id)).toBe(first);
  expect(await spares()).not.toContain(first);
  if (process.platform === "linux") {
    const log = client.paths.logFile(`host-${session.id}`);
    for (const descriptor of [1, 2]) expect(await readlink(`/proc/${first}/fd/${descriptor}`)).toBe(log);
  }
  const second = await untilSpare();
  const next = await client.launch();
  expect(await client.hostPid(next.session.id)).toBe(second);
});

test("many launches at once with one spare: each has a host of its own", async () => {
  const spare = await untilSpare();
  const answers = await Promise.all(Array.from({ length: 12 }, () => client.launch()));
  const pids = await Promise.all(answers.map(({ session }) => client.hostPid(session.id)));
  expect(new Set(pids).size).toBe(12);
  expect(pids).toContain(spare);
});

test("a spare that was killed is replaced, and no launch fails for it", async () => {
  const spare = await untilSpare();
  process.kill(spare, "SIGKILL");
  const { session } = await client.launch();
  expect(await client.hostPid(session.id)).not.toBe(spare);
  expect(await untilSpare()).not.toBe(spare);
});

test("a spare that dies with a launch in its hands has not started it: another host does, once", async () => {
  const spare = await untilSpare();
  process.kill(spare, "SIGSTOP");
  const { session } = await client.launch({ argv: ["sh", "-c", "echo run >> runs; exec sleep 300"] });
  expect(await client.hostPid(session.id)).not.toBe(spare);
  await untilGone(spare);
  const runs = () => readFile(join(world.work, "runs"), "utf8").catch(() => "");
  await waitFor("the program to run", runs);
  expect(await runs()).toBe("run\n");
});

test.each([
  ["is told to stop", "SIGTERM"],
  ["is killed", "SIGKILL"],
] as const)("a spare ends with a daemon that %s", async (_, signal) => {
  const spare = await untilSpare();
  process.kill(daemonPid, signal);
  await untilGone(daemonPid);
  if (signal === "SIGTERM") expect(await isRunning(spare)).toBe(false);
  await untilGone(spare);
});
