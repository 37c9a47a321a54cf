import { setTimeout as delay } from "node:timers/promises";
import { SESSION_ID_ALPHABET, SESSION_ID_LENGTH } from "../protocol/session-id.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { distFile } from "../runtime/version.ts";
import { ScriptedState } from "../test/support/scripted-state.ts";
import { createWorld } from "../test/support/temporary-world.ts";
import { atMost, percentile, type Row } from "./figures.ts";
import type { Options } from "./measurement.ts";
import { memoryOf, processorTimeOf } from "./processes.ts";
import { ViewingTerminal } from "./viewing-terminal.ts";

const SESSIONS = 500;
const LIVE = 60;
const WORKING = 20;
const DIRECTORIES = 25;
const SIZE = { cols: 40, rows: 50 };
const CHANGE_EVERY_MS = 50;
/** Every so many changes are to an entry on the screen, whose new title is waited for. */
const SEEN_EVERY = 4;

/** What the sidebar costs, and how soon it shows a change, with 500 sessions of which 20 change each second. */
export async function sidebar({ quick, progress }: Options): Promise<Row[]> {
  const seconds = quick ? 5 : 30;
  await using world = await createWorld();
  const sessions = manySessions();
  await using state = await ScriptedState.start(world, sessions);
  const terminal = new ViewingTerminal([process.execPath, "--max-semi-space-size=1", distFile("sidebar.js")], {
    cwd: world.work,
    env: world.env,
    size: SIZE,
  });
  try {
    await terminal.whenShown("Quiet");
    progress(`sidebar, three times ${seconds} s`);
    // Its start, and the first collections of garbage, are over.
    await delay(3_000);
    const idle = await costOf(terminal, () => delay(seconds * 1_000));
    state.change(...sessions.slice(0, WORKING).map(working));
    const pulsing = await costOf(terminal, () => delay(seconds * 1_000));
    const latencies: number[] = [];
    const changing = await costOf(terminal, () => changeFor(seconds, state, sessions, terminal, latencies));
    const { rss } = await memoryOf(terminal.pid);
    return [
      { figure: "sidebar, 500 sessions, nothing happens", unit: "% of a core", pisync: idle.share },
      { figure: `sidebar, ${WORKING} of them working`, unit: "% of a core", pisync: pulsing.share },
      {
        figure: "sidebar, 20 changes a second",
        unit: "% of a core",
        pisync: changing.share,
        target: atMost(changing.share, 10, "%"),
        note: `${Math.round(changing.bytes / (seconds * (1_000 / CHANGE_EVERY_MS)))} B a change`,
      },
      latency(latencies, 0.5, 30),
      latency(latencies, 0.95, 60),
      { figure: "sidebar, RSS", unit: "MiB", pisync: rss },
    ];
  } finally {
    await terminal.close();
  }
}

function latency(latencies: readonly number[], share: number, limit: number): Row {
  const value = percentile(latencies, share);
  const figure = `sidebar, from a change to the screen p${share * 100}`;
  return { figure, unit: "ms", pisync: value, target: atMost(value, limit, "ms") };
}

async function costOf(
  terminal: ViewingTerminal,
  during: () => Promise<void>,
): Promise<{ share: number; bytes: number }> {
  const [time, bytes, startedAt] = [await processorTimeOf(terminal.pid), terminal.received, performance.now()];
  await during();
  const share = (((await processorTimeOf(terminal.pid)) - time) / (performance.now() - startedAt)) * 100;
  return { share, bytes: terminal.received - bytes };
}

async function changeFor(
  seconds: number,
  state: ScriptedState,
  sessions: readonly SessionSummary[],
  terminal: ViewingTerminal,
  latencies: number[],
): Promise<void> {
  const changes = (seconds * 1_000) / CHANGE_EVERY_MS;
  for (let number = 0; number < changes; number++) {
    const due = delay(CHANGE_EVERY_MS);
    if (number % SEEN_EVERY === 0) {
      const title = word(number);
      const shown = terminal.whenShown(title);
      const changedAt = performance.now();
      state.change(working({ ...(sessions[1] as SessionSummary), title, updatedAt: Date.now() }));
      latencies.push((await shown) - changedAt);
    } else {
      const session = sessions[2 + ((number * 7) % (sessions.length - 2))] as SessionSummary;
      state.change({ ...session, title: `${session.title} ${number}`, updatedAt: Date.now() });
    }
    await due;
  }
}

/** Eight letters none of which is in its place on the screen, so that they are written one behind the other. */
function word(number: number): string {
  const alphabet = (number / SEEN_EVERY) % 2 === 0 ? "abcdefghijklm" : "nopqrstuvwxyz";
  return Array.from({ length: 8 }, (_, at) => alphabet[(number * (at + 3) + at) % alphabet.length]).join("");
}

function working(session: SessionSummary): SessionSummary {
  return { ...session, status: { state: "working", since: Date.now(), source: "extension" } };
}

function manySessions(): SessionSummary[] {
  const now = Date.now();
  return Array.from({ length: SESSIONS }, (_, number) => ({
    id: idOf(number),
    kind: number < LIVE ? ("live" as const) : ("resumable" as const),
    agent: "pi" as const,
    title: `Quiet session ${number} with a title of usual length`,
    titleSource: "first-message" as const,
    cwd: `/home/ann/dev/project-${number % DIRECTORIES}`,
    status: { state: "idle" as const, since: now - number * 1_000, source: "extension" as const },
    views: 0,
    createdAt: now + SESSIONS - number,
    updatedAt: now - number * 1_000,
  }));
}

function idOf(number: number): string {
  const base = SESSION_ID_ALPHABET.length;
  return Array.from({ length: SESSION_ID_LENGTH }, (_, at) => {
    return SESSION_ID_ALPHABET[Math.floor(number / base ** at) % base];
  }).join("");
}
