import { setTimeout as delay } from "node:timers/promises";
import { createWorld } from "../test/support/temporary-world.ts";
import { contenders, daemonOf, QUIET_PROGRAM, withSessions, type Contender } from "./contenders.ts";
import type { Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { processorTimeOf } from "./processes.ts";

const SESSIONS = 10;

interface Shares {
  /** Right after the start of the last session: every host collects its garbage once in this time. */
  first: number;
  /** From then on. */
  then: number;
}

/** Processor time of daemon and ten hosts while nothing happens, as a share of one core; contract 49. */
export async function idle({ quick, progress }: Options): Promise<Row[]> {
  const seconds = quick ? 20 : 40;
  await using world = await createWorld();
  const [ours, tmux] = await contenders(world, ["pisync", "tmux"]);
  if (ours === undefined) return [];
  progress(`idle, twice ${seconds} s each`);
  const share = await sharesOfCore(ours, seconds, (holders) => daemonOf(world).then((daemon) => [daemon, ...holders]));
  const tmuxShare = tmux && (await sharesOfCore(tmux, seconds, (holders) => Promise.resolve([...new Set(holders)])));
  const row = (when: string, key: keyof Shares): Row => ({
    figure: `idle, daemon and ten hosts / tmux server with ten sessions, ${when}`,
    unit: "% of a core",
    pisync: share[key],
    tmux: tmuxShare?.[key],
  });
  return [
    { ...row(`first ${seconds} s`, "first"), note: "with one collection of garbage a host" },
    { ...row(`next ${seconds} s`, "then"), target: { text: "< 1 % of a core", met: share.then < 1 } },
  ];
}

async function sharesOfCore(
  contender: Contender,
  seconds: number,
  counted: (holders: number[]) => Promise<number[]>,
): Promise<Shares> {
  return withSessions(contender, QUIET_PROGRAM, SESSIONS, async (sessions) => {
    const pids = await counted(sessions.map(({ holder }) => holder));
    const used = async () => (await Promise.all(pids.map(processorTimeOf))).reduce((sum, time) => sum + time, 0);
    const share = async () => {
      const [before, startedAt] = [await used(), performance.now()];
      await delay(seconds * 1000);
      return (((await used()) - before) / (performance.now() - startedAt)) * 100;
    };
    return { first: await share(), then: await share() };
  });
}
