import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { StateChange } from "../protocol/daemon-state.ts";
import { openEventStream } from "../runtime/event-stream.ts";
import { statePaths } from "../runtime/paths.ts";
import type { GeneratedConversation } from "../test/fixtures/pi/conversation-generator.ts";
import type { TemporaryWorld } from "../test/support/temporary-world.ts";
import { waitFor } from "../test/support/wait-for.ts";

const ROUNDS = 100;
/** Between two rounds. In each, every file grows. */
const PAUSE_MS = 50;
const TITLE = /^file (\d+) round (\d+)$/;

/**
 * Appends to every one of these conversations again and again, a new name each time because a title tells which append
 * it comes from, and returns after how many milliseconds the state stream showed each, or one behind it.
 */
export async function changeLatencies(
  world: TemporaryWorld,
  conversations: readonly GeneratedConversation[],
): Promise<number[]> {
  /** When each append was made that has not been shown, by file and round. */
  const waiting = conversations.map(() => new Map<number, number>());
  const latencies: number[] = [];
  const show = (title: string, now: number) => {
    const [, file, shown] = TITLE.exec(title) ?? [];
    const rounds = file === undefined ? undefined : waiting[Number(file)];
    for (const [round, at] of rounds ?? []) {
      if (round > Number(shown)) break;
      latencies.push(now - at);
      rounds?.delete(round);
    }
  };
  const stream = await openEventStream(statePaths(world.env).daemonSocket, "/v1/events", {
    onEvent: ({ event, data }) => {
      if (event !== "change") return;
      const now = performance.now();
      for (const { title } of StateChange.parse(JSON.parse(data)).changed) show(title, now);
    },
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [file, { path }] of conversations.entries()) {
      waiting[file]?.set(round, performance.now());
      appendFileSync(path, nameLine(`file ${file} round ${round}`));
    }
    await delay(PAUSE_MS);
  }
  await waitFor("every change to be shown", () => waiting.every((rounds) => rounds.size === 0));
  stream.close();
  await stream.ended;
  return latencies;
}

/** The entry with which pi gives a conversation a name. */
function nameLine(name: string): string {
  const entry = { type: "session_info", id: "0a1b2c3d", parentId: null, timestamp: new Date(), name };
  return `${JSON.stringify(entry)}\n`;
}
