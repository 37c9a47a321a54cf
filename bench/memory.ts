import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createWorld } from "../test/support/temporary-world.ts";
import { contenders, daemonOf, QUIET_PROGRAM, withSessions, withViews, type Contender } from "./contenders.ts";
import { atMost, median, type Row } from "./figures.ts";
import { FLOOD_END, floodCommand } from "./flood.ts";
import type { Options } from "./measurement.ts";
import { memoryOf, type Memory } from "./processes.ts";
import { workloads, writeFlood, type Workload } from "./workloads.ts";

const SESSIONS = 10;
const MB = 1_000_000;
/** Hosts give back what their start has left behind after 8 s. */
const SETTLED_AFTER_MS = 12_000;

/** Memory of every process, alone, with ten sessions, and after a flood; contract 49. */
export async function memory(options: Options): Promise<Row[]> {
  await using world = await createWorld();
  const [ours, tmux] = await contenders(world, ["pisync", "tmux"]);
  if (ours === undefined) return [];
  options.progress("memory, one session and ten");
  const rows = [...(await withOneSession(ours, tmux)), ...(await withTenSessions(ours, tmux))];
  for (const workload of await workloads()) {
    options.progress(`memory after a flood of ${workload.name}`);
    rows.push(await afterFlood(ours, tmux, workload, options.quick ? 20 * MB : 100 * MB));
  }
  return rows;
}

async function withOneSession(ours: Contender, tmux: Contender | undefined): Promise<Row[]> {
  const look = (contender: Contender) =>
    withViews(contender, QUIET_PROGRAM, 1, async ([view], { holder }) => ({
      holder: await memoryOf(holder),
      view: await memoryOf(view?.pid ?? 0),
    }));
  const one = await look(ours);
  const other = tmux && (await look(tmux));
  return [
    { figure: "RSS of a view", unit: "MiB", pisync: one.view.rss, tmux: other?.view.rss },
    {
      figure: "RSS of the host / tmux server, one session, one view",
      unit: "MiB",
      pisync: one.holder.rss,
      tmux: other?.holder.rss,
    },
  ];
}

async function withTenSessions(ours: Contender, tmux: Contender | undefined): Promise<Row[]> {
  const server = tmux && (await withSessions(tmux, QUIET_PROGRAM, SESSIONS, ([first]) => memoryOf(first?.holder ?? 0)));
  return withSessions(ours, QUIET_PROGRAM, SESSIONS, async (sessions) => {
    await delay(SETTLED_AFTER_MS);
    const daemon = await memoryOf(await daemonOf(ours.world));
    const hosts = await Promise.all(sessions.map(({ holder }) => memoryOf(holder)));
    const rss = Math.max(...hosts.map((host) => host.rss));
    const row = (figure: string, pisync: number, more: Partial<Row>): Row => ({ figure, unit: "MiB", pisync, ...more });
    return [
      row("RSS of the daemon, ten sessions", daemon.rss, { target: atMost(daemon.rss, 80, "MiB") }),
      row("RSS of a host of ten, the largest", rss, { target: atMost(rss, 60, "MiB") }),
      ...shares(hosts, row),
      row(
        "RSS of the daemon and all hosts / tmux server",
        daemon.rss + hosts.reduce((sum, host) => sum + host.rss, 0),
        {
          tmux: server?.rss,
          note: "counts shared pages once a process",
        },
      ),
    ];
  });
}

/** Proportional shares, where the system tells them. */
function shares(hosts: readonly Memory[], row: (figure: string, pisync: number, more: Partial<Row>) => Row): Row[] {
  const pss = hosts.map((host) => host.pss).filter((share) => share !== undefined);
  if (pss.length === 0) return [];
  return [row("PSS of a host of ten, median", median(pss), { target: atMost(median(pss), 20, "MiB") })];
}

async function afterFlood(
  ours: Contender,
  tmux: Contender | undefined,
  workload: Workload,
  bytes: number,
): Promise<Row> {
  const file = join(ours.world.work, "flood");
  await writeFlood(workload, file, bytes);
  const look = (contender: Contender) =>
    withViews(contender, floodCommand(file, join(contender.world.work, "written")), 1, async ([view], { holder }) => {
      const end = view?.whenShown(FLOOD_END);
      view?.type(Buffer.from("g"));
      await end;
      return memoryOf(holder);
    });
  const host = await look(ours);
  const server = tmux && (await look(tmux));
  return {
    figure: `RSS of the host / tmux server after a flood, ${workload.name}`,
    unit: "MiB",
    pisync: host.rss,
    tmux: server?.rss,
    target: atMost(host.rss, 120, "MiB"),
    note: host.peak === undefined ? undefined : `peak ${Math.round(host.peak)} MiB`,
  };
}
