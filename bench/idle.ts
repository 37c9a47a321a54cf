import { setTimeout as delay } from "node:timers/promises";
import { createWorld } from "../test/support/temporary-world.ts";
import { contenders, daemonOf, QUIET_PROGRAM, withSessions, type Contender } from "./contenders.ts";
import type { Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { processorTimeOf } from "./processes.ts";

const SESSIONS = 10;
/** What starting the sessions has left to do is done after this. */
const SETTLED_AFTER_MS = 15_000;

/** Processor time of daemon and ten hosts while nothing happens, as a share of one core; contract 49. */
export async function idle({ quick, progress }: Options): Promise<Row[]> {
  const seconds = quick ? 5 : 30;
  await using world = await createWorld();
  const [ours, tmux] = await contenders(world, ["pisync", "tmux"]);
  if (ours === undefined) return [];
  progress(`idle, ${seconds} s each`);
  const share = await shareOfCore(ours, seconds, (holders) => daemonOf(world).then((daemon) => [daemon, ...holders]));
  const tmuxShare = tmux && (await shareOfCore(tmux, seconds, (holders) => Promise.resolve([...new Set(holders)])));
  return [
    {
      figure: "idle, daemon and ten hosts / tmux server with ten sessions",
      unit: "% of a core",
      pisync: share,
      tmux: tmuxShare,
      target: { text: "< 1 % of a core", met: share < 1 },
    },
  ];
}

async function shareOfCore(
  contender: Contender,
  seconds: number,
  counted: (holders: number[]) => Promise<number[]>,
): Promise<number> {
  return withSessions(contender, QUIET_PROGRAM, SESSIONS, async (sessions) => {
    const pids = await counted(sessions.map(({ holder }) => holder));
    const used = async () => (await Promise.all(pids.map(processorTimeOf))).reduce((sum, time) => sum + time, 0);
    await delay(SETTLED_AFTER_MS);
    const [before, startedAt] = [await used(), performance.now()];
    await delay(seconds * 1000);
    return (((await used()) - before) / (performance.now() - startedAt)) * 100;
  });
}
