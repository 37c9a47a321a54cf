import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCommandAdapter } from "../../../adapters/agents/command/command-adapter.ts";
import { createPiAdapter } from "../../../adapters/agents/pi/pi-adapter.ts";
import { createAgentAvailabilities, type AgentAvailabilities } from "../../../daemon/agent-availability.ts";
import { AgentList } from "../../../protocol/daemon-state.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";
import { processesMentioning } from "../../support/processes.ts";
import { waitFor } from "../../support/wait-for.ts";

const adapters = { pi: createPiAdapter(), command: createCommandAdapter() };

let world: TemporaryWorld;
let programs: string;
let availabilities: AgentAvailabilities | undefined;
beforeEach(async () => {
  world = await createWorld();
  programs = join(world.work, "bin");
  await mkdir(programs);
});
afterEach(async () => {
  availabilities?.close();
  await world.dispose();
});

function create(path = `${programs}:/bin:/usr/bin`, firstLookAfterMs?: number): AgentAvailabilities {
  const env = { ...world.env, PATH: path };
  availabilities = createAgentAvailabilities({
    adapters,
    env,
    ...(firstLookAfterMs === undefined ? {} : { firstLookAfterMs }),
  });
  return availabilities;
}

async function writePi(script: string): Promise<void> {
  await writeFile(join(programs, "pi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(programs, "pi"), 0o755);
}

async function pi(list: Promise<AgentList>) {
  const { agents } = AgentList.parse(await list);
  expect(agents.map(({ agent }) => agent)).toEqual(["pi"]);
  return agents[0];
}

test("the real pi is available, with its version and its path", async () => {
  expect(await pi(create(world.env.PATH).list())).toMatchObject({
    available: true,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    path: expect.stringMatching(/\/pi$/) as string,
  });
});

test.each([
  ["prints it on standard error", "echo 0.73.1 >&2", "0.73.1"],
  ["prints something around it", "echo 'pi v1.6.0-beta.2 (abc)'", "1.6.0-beta.2"],
])("a pi that %s is available", async (_what, script, version) => {
  await writePi(script);
  expect(await pi(create().list())).toMatchObject({ available: true, version });
});

test.each([
  ["fails", "echo 1.0.0; exit 3", "pi --version ended with exit code 3."],
  ["is killed", "kill -SEGV $$", "pi --version was ended by SIGSEGV."],
  ["is another program", "echo 3.14159", "pi --version names no version: it may be another program."],
  ["prints without end", "exec yes 3.14", "pi --version prints without end."],
])("a pi that %s is not, and it is said why", async (_what, script, reason) => {
  await writePi(script);
  expect(await pi(create().list())).toMatchObject({ available: false, reason, path: join(programs, "pi") });
});

test("without pi on PATH, or with one that is no program, it is not", async () => {
  const reason = "The program pi is not on your PATH.";
  expect(await pi(create("/nowhere").list())).toMatchObject({ available: false, reason });
  await writeFile(join(programs, "pi"), "1.0.0");
  expect(await pi(create(programs).list())).toMatchObject({ available: false, reason });
  await writeFile(join(programs, "pi"), "#!/nowhere/sh\n");
  await chmod(join(programs, "pi"), 0o755);
  const broken = await pi(create(programs).list());
  expect(broken).toMatchObject({ available: false, reason: "pi --version could not be run (ENOENT)." });
});

test("it is looked up once until somebody asks to look again, once for all that ask at a time", async () => {
  await writePi(`echo x >> ${join(world.work, "runs")}; echo 1.0.0`);
  const count = async () => (await readFile(join(world.work, "runs"), "utf8")).length / 2;
  const present = create();
  await Promise.all([present.list(), present.list()]);
  await present.list();
  expect(await count()).toBe(1);
  await writePi("exit 1");
  expect(await pi(present.list())).toMatchObject({ available: true });
  expect(await pi(present.list({ again: true }))).toMatchObject({ available: false });
  expect(await pi(present.list())).toMatchObject({ available: false });
});

test("it is looked up without being asked", async () => {
  await writePi(`echo x >> ${join(world.work, "runs")}; echo 1.0.0`);
  create(undefined, 0);
  await waitFor("the first look", () => readFile(join(world.work, "runs"), "utf8").catch(() => ""));
});

test("closing ends a program that hangs", async () => {
  await writePi("exec sleep 300");
  const present = create();
  const list = present.list();
  await waitFor("the program", async () => (await processesMentioning(world.root)).length > 0);
  present.close();
  expect(await pi(list)).toMatchObject({ available: false });
});
