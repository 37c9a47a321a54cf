import { join } from "node:path";
import { EVENT_BOUNDS } from "../protocol/event-bounds.ts";
import { PromptRecord } from "../protocol/prompts.ts";
import { startScriptedModel, type ScriptedModel } from "../cli/demo/scripted-model.ts";
import { requestJson } from "../runtime/http-client.ts";
import { openEventStream, type EventStream } from "../runtime/event-stream.ts";
import { writeAgentDirectory } from "../test/fixtures/pi/agent-directory.ts";
import { startHost } from "../test/support/host.ts";
import { createWorld } from "../test/support/temporary-world.ts";
import { untilPiReady } from "../test/support/pi-host.ts";
import { TestView } from "../test/support/view.ts";
import { waitFor } from "../test/support/wait-for.ts";
import { atMost, median, percentile, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { processorTimeOf } from "./processes.ts";

const root = join(import.meta.dirname, "..");
const EXTENSION = join(root, "dist", "pisync-extension.mjs");
const SIZE = { cols: 100, rows: 30 };
/** As in events-extension.mjs; fewer than the log keeps, so that no reader can miss one. */
const ACTIVITIES = 300;
const EVENTS = 20_000;

/** From an event inside pi to readers of the log, events a second, and what the extension costs pi. */
export async function events({ quick, progress }: Options): Promise<Row[]> {
  const rows: Row[] = [];
  for (const readers of [1, 50]) {
    progress(`events, ${readers} readers`);
    const late = await latencies(readers);
    const figure = `event inside pi to SSE client, ${readers} ${readers === 1 ? "reader" : "readers"}`;
    rows.push({ figure: `${figure}, p50`, unit: "ms", pisync: percentile(late, 0.5) });
    rows.push({ figure: `${figure}, p99`, unit: "ms", pisync: percentile(late, 0.99) });
  }
  progress("submit to provider request");
  const submitted = await submits(quick ? 10 : 50);
  rows.push({ figure: "prompt submitted to provider request, p50", unit: "ms", pisync: percentile(submitted, 0.5) });
  rows.push({ figure: "prompt submitted to provider request, p99", unit: "ms", pisync: percentile(submitted, 0.99) });
  progress("events a second");
  rows.push({ figure: "events through the log to one reader", unit: "/s", pisync: await rate() });
  progress("cost of an event");
  rows.push(...(await costs()));
  return [...rows, ...(await overhead(quick ? 1 : 5, progress))];
}

interface Pi extends AsyncDisposable {
  socket: string;
  model: ScriptedModel;
  view: TestView;
  /** Processor time of pi until now, in ms. */
  used(): Promise<number>;
}

async function startPi(extensions: readonly string[]): Promise<Pi> {
  const world = await createWorld();
  const model = await startScriptedModel();
  await writeAgentDirectory(world.agentDirectory, { modelUrl: model.url });
  const host = await startHost(world, "", {
    agent: "pi",
    argv: ["pi"],
    file: join(root, "node_modules", ".bin", "pi"),
    args: extensions.flatMap((file) => ["-e", file]),
    size: SIZE,
  });
  const view = await TestView.open(host.socket, { size: SIZE });
  await untilPiReady(view);
  const pid = host.record.host?.child?.pid ?? 0;
  return {
    socket: host.socket,
    model,
    view,
    used: () => processorTimeOf(pid),
    async [Symbol.asyncDispose]() {
      await model.close();
      await world.dispose();
    },
  };
}

async function say(view: TestView, text: string): Promise<void> {
  view.type(`\x1b[200~${text}\x1b[201~`);
  await view.waitForText(text);
  view.type("\r");
}

async function latencies(readers: number): Promise<number[]> {
  await using pi = await startPi([EXTENSION, join(import.meta.dirname, "events-extension.mjs")]);
  const late: number[] = [];
  const onEvent = ({ data }: { data: string }) => {
    const { at } = (JSON.parse(data) as { data: { at?: number } }).data;
    if (at !== undefined) late.push(performance.timeOrigin + performance.now() - at);
  };
  const path = "/v1/log?event=activity";
  const open = () =>
    openEventStream(pi.socket, path, { onEvent: (event) => event.event === "activity" && onEvent(event) });
  const streams: EventStream[] = await Promise.all(Array.from({ length: readers }, open));
  await say(pi.view, "hello");
  await waitFor("every activity at every reader", () => late.length >= ACTIVITIES * readers, { deadlineMs: 60_000 });
  for (const stream of streams) stream.close();
  return late;
}

/** From the request to the host's socket until the scripted model, in this process, has the request. */
async function submits(count: number): Promise<number[]> {
  await using pi = await startPi([EXTENSION]);
  const taken: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const arrived = pi.model.nextRequest().then(() => performance.now());
    const startedAt = performance.now();
    const body = { text: `prompt ${round}` };
    const { id } = await requestJson(pi.socket, "POST", "/v1/prompts", { schema: PromptRecord, body });
    taken.push((await arrived) - startedAt);
    await requestJson(pi.socket, "GET", `/v1/prompts/${id}?wait=8000`, { schema: PromptRecord });
  }
  return taken;
}

/** What publishing an event costs pi's own thread, measured there. */
async function costs(): Promise<Row[]> {
  await using pi = await startPi([EXTENSION, join(import.meta.dirname, "event-cost-extension.mjs")]);
  const told: Cost[] = [];
  const stream = await openEventStream(pi.socket, "/v1/log?raw=true&event=activity", {
    onEvent({ event, data }) {
      if (event !== "activity") return;
      const { size, waits, processorMs } = (JSON.parse(data) as { data: Partial<Cost> }).data;
      if (size !== undefined && waits && processorMs !== undefined) told.push({ size, waits, processorMs });
    },
  });
  await say(pi.view, "hello");
  await waitFor("the costs of every size", () => told.length === 3, { deadlineMs: 60_000 });
  stream.close();
  return told.flatMap(({ size, waits, processorMs }) => {
    const wait = percentile(waits, 0.5);
    const what = `an event of ${size} bytes in pi`;
    return [
      { figure: `${what}, processor time`, unit: "ms", pisync: processorMs, target: atMost(processorMs, 1, "ms") },
      { figure: `${what}, until pi goes on, p50`, unit: "ms", pisync: wait, target: atMost(wait, 1, "ms") },
      { figure: `${what}, until pi goes on, p99`, unit: "ms", pisync: percentile(waits, 0.99) },
    ];
  });
}

interface Cost {
  size: number;
  waits: number[];
  processorMs: number;
}

/** The reader is in this process, and parses nothing. */
async function rate(): Promise<number> {
  await using world = await createWorld();
  const program = join(import.meta.dirname, "events-agent.mjs");
  const host = await startHost(world, "", { agent: "pi", argv: ["pi"], file: process.execPath, args: [program] });
  const view = await TestView.open(host.socket, {});
  let seen = 0;
  let missed = 0;
  const stream = await openEventStream(host.socket, "/v1/log", {
    onEvent({ event, data }) {
      if (event === "message_update") seen += 1;
      const gap = event === "gap" ? (JSON.parse(data) as { from?: number; to?: number }) : undefined;
      if (gap?.from !== undefined && gap.to !== undefined) missed += gap.to - gap.from + 1;
    },
  });
  const startedAt = performance.now();
  view.type("go\r");
  await waitFor("every event", () => seen + missed >= EVENTS, { deadlineMs: 120_000 });
  const seconds = (performance.now() - startedAt) / 1000;
  stream.close();
  if (missed > EVENT_BOUNDS.events) process.stderr.write(`the reader missed ${missed} of ${EVENTS} events\n`);
  return EVENTS / seconds;
}

/** A stream of 3,000 words, with the extension and without, in turns. */
async function overhead(rounds: number, progress: Options["progress"]): Promise<Row[]> {
  const figures = {
    with: { wall: [] as number[], used: [] as number[] },
    without: { wall: [] as number[], used: [] as number[] },
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ["with", "without"] as const) {
      progress(`3,000 words ${kind} the extension, ${round + 1} of ${rounds}`);
      await using pi = await startPi(kind === "with" ? [EXTENSION] : []);
      await say(pi.view, "warm up");
      await pi.view.waitForText("Echo reply to: warm up");
      const [used, startedAt] = [await pi.used(), performance.now()];
      await say(pi.view, "big");
      await pi.view.waitForText("word2999");
      figures[kind].wall.push(performance.now() - startedAt);
      figures[kind].used.push((await pi.used()) - used);
    }
  }
  const row = (what: string, of: "wall" | "used"): Row => ({
    figure: `3,000 words, ${what}, added by the extension, median`,
    unit: "ms",
    pisync: median(figures.with[of]) - median(figures.without[of]),
    note: `without it ${Math.round(median(figures.without[of]))} ms`,
  });
  return [row("run time of pi", "wall"), row("processor time of pi", "used")];
}
