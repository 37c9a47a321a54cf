import { setTimeout as delay } from "node:timers/promises";
import { startScriptedModel } from "../cli/demo/scripted-model.ts";
import { writeAgentDirectory } from "../test/fixtures/pi/agent-directory.ts";
import { pisync, PISYNC } from "../test/support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../test/support/temporary-world.ts";
import { SIZE } from "./contenders.ts";
import { median, percentile, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { ViewingTerminal } from "./viewing-terminal.ts";

/** The model's name in pi's footer: the last row of its first frame. */
const FIRST_FRAME = "scripted";
const TARGET_MS = 150;
/** After a launch the daemon has a host started ahead again (docs/adr/0070); a person is hardly ever faster. */
const PAUSE_MS = 3_000;

interface Times {
  /** With a host that was started ahead. */
  usual: number[];
  /** Right after another start, with none. */
  hasty: number[];
  bare: number[];
}

/** From the start of the command until pi's first frame is in the terminal, the daemon running; contract 47. */
export async function start({ quick, progress }: Options): Promise<Row[]> {
  const rounds = quick ? 3 : 15;
  await using world = await createWorld();
  const model = await startScriptedModel();
  try {
    await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
    const times: Times = { usual: [], hasty: [], bare: [] };
    // The first starts the daemon and fills the caches of both.
    for (let round = 0; round <= rounds; round++) {
      progress(`start, round ${round} of ${rounds}`);
      // Both after the same pause, so that both begin with a machine at rest.
      await delay(PAUSE_MS);
      const bare = await timeToFrame(world, ["pi"]);
      await delay(PAUSE_MS);
      const usual = await timeOfSession(world);
      const hasty = await timeOfSession(world);
      if (round === 0) continue;
      times.usual.push(usual);
      times.hasty.push(hasty);
      times.bare.push(bare);
    }
    return rowsOf(times);
  } finally {
    await model.close();
  }
}

async function timeOfSession(world: TemporaryWorld): Promise<number> {
  const time = await timeToFrame(world, [process.execPath, PISYNC, "pi"]);
  await pisync(world, ["kill"]);
  return time;
}

async function timeToFrame(world: TemporaryWorld, argv: readonly string[]): Promise<number> {
  const terminal = new ViewingTerminal(argv, { cwd: world.work, env: world.env, size: SIZE });
  try {
    return (await terminal.whenShown(FIRST_FRAME)) - terminal.startedAt;
  } finally {
    await terminal.close();
  }
}

function rowsOf({ usual, hasty, bare }: Times): Row[] {
  const added = (times: readonly number[]) => median(times.map((time, round) => time - (bare[round] ?? Number.NaN)));
  return [
    {
      figure: "start of pisync pi, median",
      unit: "ms",
      pisync: median(usual),
      note: `bare pi ${figure(bare, 0.5)}`,
    },
    {
      figure: "start of pisync pi, p90",
      unit: "ms",
      pisync: percentile(usual, 0.9),
      note: `bare pi ${figure(bare, 0.9)}`,
    },
    {
      figure: "start, added to bare pi, median",
      unit: "ms",
      pisync: added(usual),
      target: { text: `<= ${TARGET_MS} ms`, met: added(usual) <= TARGET_MS },
    },
    { figure: "start right after another, added, median", unit: "ms", pisync: added(hasty) },
  ];
}

function figure(values: readonly number[], share: number): string {
  return `${Math.round(percentile(values, share))} ms`;
}
