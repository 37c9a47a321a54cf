import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createWorld, type TemporaryWorld } from "../test/support/temporary-world.ts";
import { contenders, READY, withViews, type Contender, type ContenderName } from "./contenders.ts";
import { drawnScreen } from "./drawn-screen.ts";
import { median, ratioTarget, type Row, type Target } from "./figures.ts";
import type { Options } from "./measurement.ts";
import type { ViewingTerminal } from "./viewing-terminal.ts";
import { workloads, writeFlood, type Workload } from "./workloads.ts";

const MB = 1_000_000;
/** What the program of a flood prints last. */
export const FLOOD_END = "END OF THE FLOOD.";
const END_BYTES = `\r\n${FLOOD_END}`;

/** Rates against tmux's that contract 45 asks for. */
const TARGETS: Record<string, number> = { plain: 0.85, colour: 1, tui: 1, pi: 1 };

interface Flooded {
  /** Megabytes a second, from the key that starts the flood until every view shows its end. */
  rate: number;
  /** The same until the program had written it all. */
  programRate: number;
  /** Megabytes that a view's terminal received, on average. */
  received: number;
  /** How many views show the right screen at the end. */
  right: number;
}

/** 100 MB from a program to every view: how fast it can write, and what the views got; contract 45. */
export async function flood(options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of await workloads()) {
    for (const views of options.quick ? [1, 4] : [1, 4, 8]) rows.push(...(await floodWith(workload, views, options)));
  }
  return rows;
}

async function floodWith(workload: Workload, viewCount: number, { quick, progress }: Options): Promise<Row[]> {
  const [rounds, bytes] = quick ? [1, 20 * MB] : [3, 100 * MB];
  await using world = await createWorld();
  const file = join(world.work, "flood");
  const size = await writeFlood(workload, file, bytes);
  const right = await drawnScreen([...Array.from({ length: 3 }, () => workload.block), Buffer.from(END_BYTES)]);
  const results = new Map<ContenderName, Flooded[]>();
  const all = await contenders(world, ["pisync", "tmux"]);
  for (let round = 0; round < rounds; round++) {
    // The one that goes second finds the machine warmer; they take turns.
    for (const contender of round % 2 === 0 ? all : all.toReversed()) {
      progress(`flood of ${workload.name}, ${viewCount} views, round ${round + 1} of ${rounds}: ${contender.name}`);
      const ofContender = results.get(contender.name) ?? [];
      ofContender.push(await floodOnce(contender, { world, file, size, viewCount, right }));
      results.set(contender.name, ofContender);
    }
  }
  return rowsOf(
    `${workload.name}, ${viewCount} ${viewCount === 1 ? "view" : "views"}`,
    workload.name,
    viewCount,
    results,
  );
}

interface Flood {
  world: TemporaryWorld;
  file: string;
  size: number;
  viewCount: number;
  /** The final screen, as drawnScreen gives it. */
  right: string;
}

async function floodOnce(contender: Contender, { world, file, size, viewCount, right }: Flood): Promise<Flooded> {
  const written = join(world.work, "written");
  await rm(written, { force: true });
  return withViews(contender, floodCommand(file, written), viewCount, async (views) => {
    // tmux redraws a screen from its own model and marks wide or cleared cells otherwise: only ours is compared.
    const compared = contender.name === "pisync";
    for (const view of views) view.record(compared);
    const before = views.map(({ received }) => received);
    const ends = Promise.all(views.map((view) => view.whenShown(FLOOD_END)));
    const startedAt = performance.now();
    const clockAt = Date.now();
    views[0]?.type(Buffer.from("g"));
    const seconds = (Math.max(...(await ends)) - startedAt) / 1000;
    const programSeconds = ((await stat(written)).mtimeMs - clockAt) / 1000;
    const received = views.reduce((sum, view, at) => sum + view.received - (before[at] ?? 0), 0) / viewCount;
    return {
      rate: size / MB / seconds,
      programRate: size / MB / programSeconds,
      received: received / MB,
      right: compared ? await countRight(views, right) : viewCount,
    };
  });
}

/**
 * Starts at a key. Something reads the terminal meanwhile, because recorded output asks the terminal questions
 * and a real program reads the answers.
 */
export function floodCommand(file: string, written: string): string[] {
  const script = `stty raw -echo
printf ${READY}
dd bs=1 count=1 >/dev/null 2>&1
exec 3<&0
cat <&3 >/dev/null &
cat '${file}'
: >'${written}'
printf '\\r\\n${FLOOD_END}'
wait`;
  return ["sh", "-c", script];
}

async function countRight(views: readonly ViewingTerminal[], right: string): Promise<number> {
  let count = 0;
  for (const view of views) if ((await drawnScreen(view.recording)) === right) count += 1;
  return count;
}

function rowsOf(
  name: string,
  workload: string,
  viewCount: number,
  results: ReadonlyMap<ContenderName, readonly Flooded[]>,
): Row[] {
  const figure = (of: ContenderName, key: keyof Flooded) => {
    const measured = results.get(of);
    return measured && median(measured.map((result) => result[key]));
  };
  const row = (figureName: string, key: keyof Flooded): Row => ({
    figure: `${figureName}, ${name}`,
    unit: key === "received" ? "MB" : "MB/s",
    pisync: figure("pisync", key) ?? Number.NaN,
    tmux: figure("tmux", key),
  });
  const rate = row("flood", "rate");
  const ours = results.get("pisync") ?? [];
  const right = ours.reduce((sum, result) => sum + result.right, 0);
  return [
    {
      ...rate,
      target: ratioTarget(rate.pisync, rate.tmux, { atLeast: TARGETS[workload] ?? 1 }),
      note: spread(ours, results.get("tmux") ?? []),
    },
    row("flood as the program sees it", "programRate"),
    { ...row("flood, a view received", "received"), target: allRight(right, ours.length * viewCount) },
  ];
}

function allRight(right: number, all: number): Target {
  return { text: `${all} final screens right`, met: right === all };
}

/** The ratios of the rounds, lowest and highest. */
function spread(ours: readonly Flooded[], tmux: readonly Flooded[]): string | undefined {
  if (tmux.length < 2) return undefined;
  const ratios = ours.map(({ rate }, at) => rate / (tmux[at]?.rate ?? Number.NaN));
  return `rounds ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} x tmux`;
}
