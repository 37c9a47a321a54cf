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

/** From the start of the command until pi's first frame is in the terminal, the daemon running; contract 47. */
export async function start({ quick, progress }: Options): Promise<Row[]> {
  const rounds = quick ? 3 : 15;
  await using world = await createWorld();
  const model = await startScriptedModel();
  try {
    await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
    const times: number[] = [];
    const bareTimes: number[] = [];
    // The first starts the daemon and fills the caches of both.
    for (let round = 0; round <= rounds; round++) {
      progress(`start, round ${round} of ${rounds}`);
      const time = await timeToFrame(world, [process.execPath, PISYNC, "pi"]);
      await pisync(world, ["kill"]);
      const bareTime = await timeToFrame(world, ["pi"]);
      if (round === 0) continue;
      times.push(time);
      bareTimes.push(bareTime);
    }
    return rowsOf(times, bareTimes);
  } finally {
    await model.close();
  }
}

async function timeToFrame(world: TemporaryWorld, argv: readonly string[]): Promise<number> {
  const terminal = new ViewingTerminal(argv, { cwd: world.work, env: world.env, size: SIZE });
  try {
    return (await terminal.whenShown(FIRST_FRAME)) - terminal.startedAt;
  } finally {
    await terminal.close();
  }
}

function rowsOf(times: readonly number[], bareTimes: readonly number[]): Row[] {
  const added = median(times.map((time, round) => time - (bareTimes[round] ?? Number.NaN)));
  return [
    {
      figure: "start of pisync pi, median",
      unit: "ms",
      pisync: median(times),
      note: `bare pi ${figure(bareTimes, 0.5)}`,
    },
    {
      figure: "start of pisync pi, p90",
      unit: "ms",
      pisync: percentile(times, 0.9),
      note: `bare pi ${figure(bareTimes, 0.9)}`,
    },
    {
      figure: "start, added to bare pi, median",
      unit: "ms",
      pisync: added,
      target: { text: `<= ${TARGET_MS} ms`, met: added <= TARGET_MS },
    },
  ];
}

function figure(values: readonly number[], share: number): string {
  return `${Math.round(percentile(values, share))} ms`;
}
