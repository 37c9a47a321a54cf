import { afterEach, beforeEach, expect, test } from "vitest";
import { SessionRecord } from "../../protocol/session.ts";
import { readJsonFile } from "../../runtime/json-file.ts";
import { DaemonClient, startDaemon } from "../fixtures/daemon/daemon-client.ts";
import { signal } from "../support/processes.ts";
import { ReportingPi } from "../support/reporting-pi.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { waitFor } from "../support/wait-for.ts";

let world: TemporaryWorld;
let client: DaemonClient;
beforeEach(async () => {
  world = await createWorld();
  client = new DaemonClient(world);
  await startDaemon(world);
});
afterEach(async () => {
  await client.killAll();
  await world.dispose();
});

test.each([
  ["between two runs, interrupts nothing", ["idle", "blocked"], false],
  ["in the middle of a run, interrupts it", ["working", "blocked"], true],
] as const)("the death of a host while its pi asks something %s", async (_when, said, interrupted) => {
  const pi = await ReportingPi.create(world, "asking");
  const { session } = await client.launch({ agent: "pi", argv: [pi.program], env: world.env });
  for (const state of said) await pi.is(state);
  await waitFor("the question", async () => (await client.find(session.id))?.status?.state === "waiting");
  const record = () => readJsonFile(client.paths.sessionRecord(session.id), SessionRecord);
  signal((await record())?.host?.process.pid ?? 0, "SIGKILL");
  const ending = await waitFor("the end", async () => (await record())?.ending);
  expect(ending).toMatchObject({ cause: "host-died", interrupted });
});
