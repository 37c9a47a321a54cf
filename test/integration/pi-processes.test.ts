import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createPiProcesses } from "../../adapters/agents/pi/pi-processes.ts";
import type { AgentProcess, ProcessAdapter } from "../../adapters/agents/process-adapter.ts";
import { startScriptedModel, type ScriptedModel } from "../../cli/demo/scripted-model.ts";
import { findProgram } from "../../runtime/find-program.ts";
import { identityOf } from "../../runtime/process-identity.ts";
import { writeAgentDirectory } from "../fixtures/pi/agent-directory.ts";
import { untilReady } from "../fixtures/pi/running-pi.ts";
import { Terminal } from "../support/terminal.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

const pi = process.env.PISYNC_TEST_PI ?? "pi";

let model: ScriptedModel;
let world: TemporaryWorld;
let processes: ProcessAdapter;
let terminals: Terminal[];
beforeAll(async () => {
  model = await startScriptedModel();
});
afterAll(() => model.close());
beforeEach(async () => {
  world = await createWorld();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
  processes = createPiProcesses({ home: world.home });
  terminals = [];
});
afterEach(async () => {
  for (const terminal of terminals) await terminal.close();
  await world.dispose();
});

function start(argv: readonly [string, ...string[]], env: Record<string, string> = {}): Terminal {
  const terminal = new Terminal({ argv, cwd: world.work, env: { ...world.env, ...env } });
  terminals.push(terminal);
  return terminal;
}

const look = () => processes.look({ thorough: true });
const found = () => waitFor("a pi to be found", async (): Promise<AgentProcess | undefined> => (await look())[0]);

/** What is found once the youngest process of the test is too old to be passed over for its age. */
async function lookAtGrown(): Promise<readonly AgentProcess[]> {
  const last = Date.now();
  await waitFor("the processes to be more than a second old", () => Date.now() - last > 1_200);
  return look();
}

/** Waits until a model request with this prompt shows that a pi which answers without a screen is at work. */
async function untilAsked(prompt: string): Promise<void> {
  await waitFor(`pi to ask for ${prompt}`, () => model.requests.some((request) => request.prompt.includes(prompt)));
}

test("an interactive pi is found, with everything that says where it runs", async () => {
  const before = Date.now();
  const terminal = start([pi], { TMUX: "/tmp/gone,1,0", TMUX_PANE: "%3", SECRET: "s3cr3t" });
  const agent = await found();
  expect(agent.process).toEqual(await identityOf(terminal.pid));
  expect(agent).toMatchObject({ cwd: world.work, leader: terminal.pid });
  expect(agent.tty).toMatch(/^\/dev\//);
  expect(agent.startedAt).toBeGreaterThan(before - 1_000);
  expect(agent.startedAt).toBeLessThan(Date.now());
  expect(agent.environment).toMatchObject({ HOME: world.home, TMUX: "/tmp/gone,1,0", TMUX_PANE: "%3" });
  expect(agent.conversationRoots).toEqual([{ path: join(world.agentDirectory, "sessions"), depth: 1 }]);
  expect(JSON.stringify(agent)).not.toContain("s3cr3t");
  expect((await processes.look())[0]).toBe(agent);

  await terminal.close();
  expect(await processes.look()).toEqual([]);
});

test.each([
  ["-c", (program: string) => [program, "-c"]],
  ["npx", (program: string) => ["npx", program]],
  ["env and nice", (program: string) => ["env", "A=1", "nice", program]],
  ["a shell that waits for it", (program: string) => ["sh", "-c", `${program}; true`]],
] as const)("pi is found once: %s", async (_name, argv) => {
  const [file, ...args] = argv(await findProgram(pi, world.env, world.work));
  const terminal = start([file as string, ...args]);
  await untilReady(terminal);
  await found();
  const all = await look();
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ leader: terminal.pid, cwd: world.work });
});

test("of a script called pi around pi, only pi itself is found", async () => {
  const program = await findProgram(pi, world.env, world.work);
  const wrapper = join(world.root, "bin", "pi");
  await mkdir(join(world.root, "bin"));
  await writeFile(wrapper, `#!/bin/sh\n${program} "$@"\n`);
  await chmod(wrapper, 0o755);
  const terminal = start([wrapper]);
  await untilReady(terminal);
  const [agent, another] = await lookAtGrown();
  expect(another).toBeUndefined();
  expect(agent?.leader).toBe(terminal.pid);
  expect(agent?.process.pid).not.toBe(terminal.pid);
});

test.each([
  ["-p in a terminal", (prompt: string) => [pi, "-p", prompt]],
  ["--mode json in a terminal", (prompt: string) => [pi, "--mode", "json", prompt]],
  ["-p with its input from a pipe", (prompt: string) => ["sh", "-c", `true | ${pi} -p '${prompt}'`]],
  [
    "-p into a pipe whose reader takes single keys",
    (prompt: string) => ["sh", "-c", `${pi} -p '${prompt}' | (stty raw < /dev/tty; cat)`],
  ],
] as const)("pi is not found: %s", async (name, argv) => {
  const prompt = `slow:200 ${name}`;
  const [file, ...args] = argv(prompt);
  start([file as string, ...args]);
  await untilAsked(prompt);
  expect(await lookAtGrown()).toEqual([]);
});

test("pi is not found: --mode rpc in a terminal", async () => {
  const terminal = start([pi, "--mode", "rpc"]);
  terminal.send(`{"type":"get_state","id":"1"}\n`);
  await terminal.waitForScreen(`"command":"get_state"`);
  expect(await lookAtGrown()).toEqual([]);
});

test("a pi in another world (another HOME) is not found, unless it says itself that it belongs here", async () => {
  const terminal = start([pi], { HOME: world.work });
  await untilReady(terminal);
  expect(await lookAtGrown()).toEqual([]);
  const identity = await identityOf(terminal.pid);
  if (identity === undefined) throw new Error("pi has ended");
  processes.vouch({ ...identity, startTime: "another" });
  expect(await look()).toEqual([]);
  processes.vouch(identity);
  expect(await look()).toMatchObject([{ process: identity }]);
});

test("a pi that somebody stopped with Ctrl-Z in their shell is found", async () => {
  const shell = start(["bash", "--norc", "-i"]);
  shell.send(`${pi}\r`);
  await untilReady(shell);
  shell.send("\x1a");
  await shell.waitForScreen("Stopped");
  expect(await lookAtGrown()).toHaveLength(1);
  shell.send("kill -9 %1\r");
  await waitFor("the stopped pi to be gone", async () => (await look()).length === 0);
});

test("the folder it was started in is said as it was called, although it is gone", async () => {
  const folder = join(world.work, "a \x1b[31m#(touch x) folder");
  await mkdir(folder);
  const terminal = start(["sh", "-c", `cd "$FOLDER" && exec ${pi}`], { FOLDER: folder });
  await untilReady(terminal);
  expect(await found()).toMatchObject({ cwd: folder });
  await rename(folder, join(world.work, "moved"));
  expect(await createPiProcesses({ home: world.home }).look()).toMatchObject([{ cwd: join(world.work, "moved") }]);
  await rm(join(world.work, "moved"), { recursive: true });
  expect(await createPiProcesses({ home: world.home }).look()).toMatchObject([{ cwd: join(world.work, "moved") }]);
});

test("strange command lines do no harm, and a program called pi that draws no screen is no pi", async () => {
  // In a terminal that hands out single keys, with a name and arguments full of control characters.
  const script = `process.title = "pi"; process.stdin.setRawMode(true); process.stdin.on("data", () => {}); console.log("up")`;
  const strange = start([process.execPath, "-e", script, "\x1b]0;pwned\x07", "\n-p\n", "-p"]);
  await strange.waitForScreen("up");
  // It looks like pi in every way, so it is taken for one.
  expect(await lookAtGrown()).toHaveLength(1);
  await strange.close();

  const named = join(world.root, "pi");
  await writeFile(named, "#!/bin/sh\necho up\nexec cat\n");
  await chmod(named, 0o755);
  const other = start([named, "\x1b]0;pwned\x07"]);
  await other.waitForScreen("up");
  expect(await lookAtGrown()).toEqual([]);
});

test("a pi counts as soon as it gets every key, because it may have a conversation open by then", async () => {
  const script = `process.title = "pi"; process.stdin.setRawMode(true); process.stdin.resume(); console.log("up")`;
  const terminal = start([process.execPath, "-e", script]);
  await terminal.waitForScreen("up");
  expect(await look()).toMatchObject([{ process: { pid: terminal.pid } }]);
});

test("the copy that a process makes of itself to start another program is no pi", async () => {
  const program = join(world.root, "pi");
  // However long it takes to start it.
  await writeFile(program, `#!/bin/sh\nstty raw -echo; (echo up; while :; do sleep 1; done)\n`);
  await chmod(program, 0o755);
  const terminal = start([program]);
  await terminal.waitForScreen("up");
  expect(await look()).toMatchObject([{ process: { pid: terminal.pid } }]);
  expect(await lookAtGrown()).toMatchObject([{ process: { pid: terminal.pid } }]);
});

test("processes that come and go during the look do no harm", async () => {
  const program = join(world.root, "pi");
  await writeFile(program, "#!/bin/sh\nexit 0\n");
  await chmod(program, 0o755);
  const terminal = start(["sh", "-c", `while :; do ${program}; done`]);
  for (let looks = 0; looks < 50; looks++) expect(await look()).toEqual([]);
  await terminal.close();
});

// Only root can start something as somebody else.
test.runIf(process.getuid?.() === 0)("another user's pi is not found", async () => {
  const script = `process.title = "pi"; process.stdin.setRawMode(true); process.stdin.resume();
    process.setgid(65534); process.setuid(65534); console.log("up")`;
  const terminal = start([process.execPath, "-e", script]);
  await terminal.waitForScreen("up");
  expect(await lookAtGrown()).toEqual([]);
  processes.vouch((await identityOf(terminal.pid)) ?? { pid: 1, startTime: "" });
  expect(await look()).toEqual([]);
});
