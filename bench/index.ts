import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { IndexState, SearchAnswer } from "../protocol/daemon-state.ts";
import { requestJson, requestText } from "../runtime/http-client.ts";
import { statePaths } from "../runtime/paths.ts";
import { writeConversations, type GeneratedConversation } from "../test/fixtures/pi/conversation-generator.ts";
import { pisync } from "../test/support/pisync.ts";
import { createWorld, type TemporaryWorld } from "../test/support/temporary-world.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { changeLatencies } from "./changes.ts";
import { daemonOf } from "./contenders.ts";
import { atMost, median, percentile, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { memoryOf, processorTimeOf } from "./processes.ts";

const SEARCHES = 100;
const ANSWERS = 50;
const MIB_A_KIB = 1 / 1024;
/** Daemon and thread collect their garbage 8 s after the last work, and V8 gives it back 8 s later. */
const SETTLED_AFTER_MS = 20_000;
const IDLE_MS = 20_000;
const SCANNED_WITHIN_MS = 120_000;

/** How fast conversations are known, searched and followed, beside pi's own list of them; contract 48. */
export async function index({ quick, progress }: Options): Promise<Row[]> {
  await using world = await createWorld();
  const count = quick ? 500 : 5_000;
  progress(`writing ${count} conversations`);
  const conversations = await writeConversations(join(world.agentDirectory, "sessions"), { count, seed: 1 });
  const rows = await listings(world, count, { rounds: quick ? 1 : 7, progress });
  progress("the daemon with them");
  return [...rows, ...(await throughTheDaemon(world, conversations, progress))];
}

interface Listing {
  conversations: number;
  listMs: number;
  textMs: number;
  peakKib: number;
}

/** Alternating rounds, because only ratios say something on a machine that others use too. */
async function listings(
  world: TemporaryWorld,
  count: number,
  { rounds, progress }: { rounds: number; progress: Options["progress"] },
): Promise<Row[]> {
  const state = join(world.root, "scan");
  const ours = () => run(world, "index-scan.ts", [state, join(world.agentDirectory, "sessions")]);
  const taken = { pi: [] as Listing[], cold: [] as Listing[], warm: [] as Listing[] };
  for (let round = 1; round <= rounds; round += 1) {
    progress(`lists, round ${round} of ${rounds}`);
    taken.pi.push(await run(world, "pi-list.ts", []));
    await rm(state, { recursive: true, force: true });
    await mkdir(state, { mode: 0o700 });
    taken.cold.push(await ours());
    taken.warm.push(await ours());
  }
  for (const { conversations } of Object.values(taken).flat()) {
    if (conversations !== count) throw new Error(`${conversations} conversations were listed instead of ${count}.`);
  }
  const of = (listings: readonly Listing[], key: keyof Listing) => median(listings.map((listing) => listing[key]));
  const pi = of(taken.pi, "listMs");
  const row = (figure: string, pisync: number, times: number): Row => ({
    figure: `${figure}, ${count} conversations`,
    unit: "ms",
    pisync,
    pi,
    target: { text: times >= 1 ? `<= pi / ${times}` : `<= ${1 / times} x pi`, met: pisync * times <= pi },
    note: `pi / pisync ${(pi / pisync).toFixed(1)}`,
  });
  return [
    row("complete list, without an index", of(taken.cold, "listMs"), 3),
    row("complete list, with an index of before", of(taken.warm, "listMs"), 15),
    { ...row("all text searchable, without an index", of(taken.cold, "textMs"), 1 / 3) },
    { figure: "peak memory of pi's list", unit: "MiB", pisync: Number.NaN, pi: of(taken.pi, "peakKib") * MIB_A_KIB },
  ];
}

async function run(world: TemporaryWorld, program: string, args: string[]): Promise<Listing> {
  const { stdout } = await execa(process.execPath, [join(import.meta.dirname, program), ...args], {
    env: world.env,
    extendEnv: false,
  });
  return JSON.parse(stdout) as Listing;
}

async function throughTheDaemon(
  world: TemporaryWorld,
  conversations: readonly GeneratedConversation[],
  progress: Options["progress"],
): Promise<Row[]> {
  const started = await pisync(world, ["daemon", "start"]);
  if (started.exitCode !== 0) throw new Error(started.stderr);
  const daemon = await daemonOf(world);
  await searchable(world);
  await delay(SETTLED_AFTER_MS);
  const { rss, peak } = await memoryOf(daemon);
  const [timeBefore, began] = [await processorTimeOf(daemon), performance.now()];
  await delay(IDLE_MS);
  const idle = ((await processorTimeOf(daemon)) - timeBefore) / (performance.now() - began);
  const searches = await searchTimes(world, conversations);
  const lists = await listTimes(world);
  const rows: Row[] = [
    {
      figure: "daemon, peak memory while it indexes",
      unit: "MiB",
      pisync: peak ?? Number.NaN,
      target: atMost(peak ?? 0, 150, "MiB"),
    },
    { figure: "daemon, memory at rest", unit: "MiB", pisync: rss, target: atMost(rss, 80, "MiB") },
    { figure: "daemon, processor at rest", unit: "% of a core", pisync: idle * 100 },
    { figure: "pisync list --all --json, daemon running", unit: "ms", pisync: median(lists) },
    { figure: "GET /v1/sessions p50", unit: "ms", pisync: median(await answerTimes(world)) },
    { figure: "search p50", unit: "ms", pisync: median(searches) },
    { figure: "search p95", unit: "ms", pisync: percentile(searches, 0.95) },
  ];
  for (const files of [1, 50]) {
    progress(`changes of ${files} files`);
    const latencies = await changeLatencies(world, conversations.slice(0, files));
    const figure = `from append to the state stream, ${files} growing file${files === 1 ? "" : "s"}`;
    rows.push({ figure: `${figure}, p50`, unit: "ms", pisync: median(latencies) });
    rows.push({ figure: `${figure}, p95`, unit: "ms", pisync: percentile(latencies, 0.95) });
  }
  return rows;
}

async function searchable(world: TemporaryWorld): Promise<void> {
  const { daemonSocket } = statePaths(world.env);
  await waitFor(
    "everything to be searchable",
    async () => {
      const { state, textPendingBytes } = await requestJson(daemonSocket, "GET", "/v1/index", { schema: IndexState });
      return state === "ready" && textPendingBytes === 0;
    },
    { deadlineMs: SCANNED_WITHIN_MS },
  );
}

/** One word, two words, and phrases that conversations begin with. */
async function searchTimes(world: TemporaryWorld, conversations: readonly GeneratedConversation[]): Promise<number[]> {
  const { daemonSocket } = statePaths(world.env);
  const times: number[] = [];
  for (let at = 0; at < SEARCHES; at += 1) {
    const { firstMessage } = conversations[(at * 37) % conversations.length] as GeneratedConversation;
    const words = firstMessage.split(" ").filter((word) => word.length > 3);
    const q =
      [words[0], words.slice(0, 2).join(" "), `"${firstMessage.split(" ").slice(0, 3).join(" ")}"`][at % 3] ?? "a";
    const path = `/v1/search?q=${encodeURIComponent(q || "a")}`;
    const began = performance.now();
    await requestJson(daemonSocket, "GET", path, { schema: SearchAnswer });
    times.push(performance.now() - began);
  }
  return times;
}

/** Of the whole list, as text: what a client makes of it is the client's. */
async function answerTimes(world: TemporaryWorld): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ANSWERS; round += 1) {
    const began = performance.now();
    await requestText(statePaths(world.env).daemonSocket, "GET", "/v1/sessions", {});
    times.push(performance.now() - began);
  }
  return times;
}

async function listTimes(world: TemporaryWorld): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const began = performance.now();
    await pisync(world, ["list", "--all", "--json"]);
    times.push(performance.now() - began);
  }
  return times;
}
