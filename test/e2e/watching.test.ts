import { expect, test } from "vitest";
import { EventEnvelope, History } from "../../protocol/events.ts";
import { pisync, pisyncTerminal } from "../support/pisync.ts";
import { createScene } from "./pi-scene.ts";

test("a script starts, waits for and reads a session", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi();
  const run = (...args: string[]) => pisync(scene.world, args);
  await run("send", id, "bash: echo from-a-tool", "--wait");
  expect(await run("wait", id, "--timeout", "30")).toMatchObject({ exitCode: 0, stdout: `${id} is idle` });
  expect((await run("tail", id, "--no-follow")).stdout).toContain("[after tool]");
  expect((await run("state", id)).stdout).toMatch(/model\s+scripted\/scripted/);
  const history = History.parse(JSON.parse((await run("history", id, "--json")).stdout));
  expect(history.events.map(({ event }) => event)).toContain("tool_execution_end");
  expect((await run("history", id)).stdout).toContain("> bash  echo from-a-tool");
  // As many lines as asked for, although most events have none.
  expect((await run("history", id, "-n", "3")).stdout.trim().split("\n")).toHaveLength(3);
  const asked = ["--event", "run_start,run_end", "--json", "--since"];
  for (const [since, events] of [
    ["1h", 2],
    ["2026-05-21", 2],
    ["9999-12-31", 0],
  ] as const) {
    const found = History.parse(JSON.parse((await run("history", id, ...asked, since)).stdout));
    expect({ since, events: found.events.length }).toEqual({ since, events });
  }
  expect((await run("commands", id)).exitCode).toBe(0);
});

test("wait says by its exit code how it ended", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi();
  const run = (...args: string[]) => pisync(scene.world, args);
  expect(await run("wait", id, "--for", "waiting", "--timeout", "0.5")).toMatchObject({
    exitCode: 4,
    stderr: `${id} did not wait for an answer within 0.5 s.`,
  });
  expect(await run("wait", id, "--for", "tea")).toMatchObject({ exitCode: 2 });
  expect(await run("wait", "nobody77")).toMatchObject({ exitCode: 3 });
  await run("send", id, "err400", "--wait");
  expect(await run("wait", id)).toMatchObject({ exitCode: 5 });
  expect(await run("wait", id, "--for", "error")).toMatchObject({ exitCode: 0 });
});

test("stream follows one session or all, also for programs", async () => {
  await using scene = await createScene();
  const { id } = await scene.startPi();
  const streams = [
    ["stream", id],
    ["stream", "--all"],
    ["stream", id, "--json", "--event", "emit"],
    ["tail", id],
  ];
  const terminals = streams.map((args) => pisyncTerminal(scene.world, args));
  try {
    // A stream begins with what happens after it: say it until everybody is there.
    const said = async () => {
      await pisync(scene.world, ["emit", id, "tests are green", "--as", "tests"]);
      return terminals.slice(0, 3).every((terminal) => terminal.output().includes("tests are green"));
    };
    for (let attempt = 0; attempt < 10 && !(await said()); attempt += 1);
    await pisync(scene.world, ["send", id, "say something", "--wait"]);
    for (const terminal of [terminals[0], terminals[1], terminals[3]]) await terminal?.waitForScreen("Echo reply to");
    expect(terminals[1]?.output().toString()).toContain(id);
    const line = terminals[2]?.output().toString().split(/\r?\n/)[0] ?? "";
    expect(EventEnvelope.parse(JSON.parse(line))).toMatchObject({ session: id, data: { name: "tests" } });
  } finally {
    for (const terminal of terminals) await terminal.close();
  }
});
