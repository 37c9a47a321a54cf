import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { configFile } from "../runtime/paths.ts";
import { createWorld } from "../test/support/temporary-world.ts";
import { contenders, viewOf, type BenchSession, type Contender } from "./contenders.ts";
import { atMost, median, percentile, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";

const LINES = 10_000;
const LAST_LINE = "The last line of a long session.";
const TARGET_MS = 200;

/** Writes 10,000 lines in colour, and then nothing. */
const LONG_SESSION = [
  "sh",
  "-c",
  `stty raw -echo
awk 'BEGIN { for (n = 1; n <= ${LINES}; n++) printf "\\033[3%dmline %d\\033[m of a long session, with some words\\r\\n", n % 8, n }'
printf '${LAST_LINE}'
exec cat >/dev/null`,
];

/** From the start of a view's process until its terminal has the whole screen; contract 46. */
export async function attach(options: Options): Promise<Row[]> {
  return [...(await attachWith(2_000, options)), ...(await attachWith(10_000, options))];
}

async function attachWith(scrollback: number, { quick, progress }: Options): Promise<Row[]> {
  const rounds = quick ? 5 : 25;
  await using world = await createWorld();
  await mkdir(dirname(configFile(world.env)), { recursive: true });
  await writeFile(configFile(world.env), JSON.stringify({ scrollback }));
  const [ours, theirs] = await contenders(world, ["pisync", "tmux"]);
  if (ours === undefined) return [];
  await using session = await ours.start(LONG_SESSION);
  await using tmuxSession = await theirs?.start(LONG_SESSION);
  const times: number[] = [];
  const tmuxTimes: number[] = [];
  // The first of each waits for the session's program, too, and fills the caches.
  for (let round = 0; round <= rounds; round++) {
    progress(`attach to ${LINES} lines, scrollback ${scrollback}, round ${round} of ${rounds}`);
    const time = await timeToScreen(ours, session);
    const tmuxTime = theirs && tmuxSession && (await timeToScreen(theirs, tmuxSession));
    if (round === 0) continue;
    times.push(time);
    if (tmuxTime !== undefined) tmuxTimes.push(tmuxTime);
  }
  const row = (name: string, of: (values: number[]) => number): Row => ({
    figure: `attach, scrollback ${scrollback}, ${name}`,
    unit: "ms",
    pisync: of(times),
    tmux: tmuxTimes.length > 0 ? of(tmuxTimes) : undefined,
  });
  const middle = row("median", median);
  return [
    { ...middle, target: atMost(middle.pisync, TARGET_MS, "ms") },
    row("p90", (values) => percentile(values, 0.9)),
  ];
}

async function timeToScreen(contender: Contender, session: BenchSession): Promise<number> {
  const view = viewOf(contender, session);
  try {
    return (await view.whenShown(LAST_LINE)) - view.startedAt;
  } finally {
    await view.close();
  }
}
