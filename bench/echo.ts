import { setTimeout as delay } from "node:timers/promises";
import { createWorld } from "../test/support/temporary-world.ts";
import { contenders, READY, withViews, type Contender, type ContenderName } from "./contenders.ts";
import { median, percentile, ratioTarget, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import type { ViewingTerminal } from "./viewing-terminal.ts";

/** Echoes each byte itself, as a program in raw mode does: the kernel's own echo would measure nothing. */
const ECHO = ["sh", "-c", `stty raw -echo; printf ${READY}; exec cat -u`];
/** Characters that no escape sequence ends with, so that an echo is told from a redraw. */
const KEYS = [..."!#%&+@^~"].map((key) => Buffer.from(key));
/** A pause between keys longer than any frame or acknowledgement: typing, not a flood. */
const PAUSE_MS = 12;
/** Between the keys that a session has had before: compilers of its programs count keys, not time. */
const PAUSE_BEFORE_MS = 2;
const LOST_AFTER_MS = 2_000;

/** From a key written to a view's terminal to its echo read there; contract 45. */
export async function echo(options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  for (const views of [1, 8]) rows.push(...(await echoWith(views, options)));
  return rows;
}

async function echoWith(viewCount: number, { quick, progress }: Options): Promise<Row[]> {
  const counts = quick ? { first: 50, before: 250, keys: 100 } : { first: 150, before: 1_350, keys: 400 };
  const rounds = quick ? 2 : 5;
  const times = new Map<ContenderName, Round[]>();
  await using world = await createWorld();
  const all = await contenders(world, ["pisync", "tmux", "dtach"]);
  // Contenders take turns and only one exists at a time, so that the views of one are not the load of another.
  for (let round = 0; round < rounds; round++) {
    for (const contender of all) {
      progress(`echo, ${viewCount} views, round ${round + 1} of ${rounds}: ${contender.name}`);
      const ofContender = times.get(contender.name) ?? [];
      ofContender.push(await oneRound(contender, viewCount, counts));
      times.set(contender.name, ofContender);
    }
  }
  const figure = (name: ContenderName, when: keyof Round, share: number) => {
    const measured = times.get(name);
    return measured && median(measured.map((round) => percentile(round[when], share)));
  };
  const views = viewCount === 1 ? "1 view" : `${viewCount} views`;
  const row = (when: keyof Round, share: number): Row => ({
    figure: `echo p${share * 100}, ${views}${when === "first" ? ", first keys" : ""}`,
    unit: "ms",
    pisync: figure("pisync", when, share) ?? Number.NaN,
    tmux: figure("tmux", when, share),
    dtach: figure("dtach", when, share),
  });
  const middle = row("later", 0.5);
  const tail = row("later", 0.99);
  return [
    { ...middle, target: ratioTarget(middle.pisync, middle.tmux, { atMost: 2 }) },
    { ...tail, target: { text: "< 5 ms", met: tail.pisync < 5 } },
    row("first", 0.5),
  ];
}

/** Times of the keys that a session sees first, and of those after it has been typed in for a while. */
interface Round {
  first: number[];
  later: number[];
}

async function oneRound(
  contender: Contender,
  viewCount: number,
  { first, before, keys }: { first: number; before: number; keys: number },
): Promise<Round> {
  return withViews(contender, ECHO, viewCount, async ([typing]) => {
    if (typing === undefined) return { first: [], later: [] };
    const times = await typeKeys(typing, first, PAUSE_MS);
    await typeKeys(typing, before, PAUSE_BEFORE_MS);
    return { first: times, later: await typeKeys(typing, keys, PAUSE_MS) };
  });
}

async function typeKeys(view: ViewingTerminal, count: number, pauseMs: number): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const key = KEYS[at % KEYS.length] as Buffer;
    times.push(await echoOf(view, key));
    await delay(pauseMs);
  }
  return times;
}

function echoOf(view: ViewingTerminal, key: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = setTimeout(() => reject(new Error(`the key ${key.toString()} was not echoed`)), LOST_AFTER_MS);
    const typedAt = performance.now();
    view.onData = (at, bytes) => {
      if (!bytes.includes(key)) return;
      view.onData = undefined;
      clearTimeout(lost);
      resolve(at - typedAt);
    };
    view.type(key);
  });
}
