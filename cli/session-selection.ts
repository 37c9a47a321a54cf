import type { SessionSummary } from "../protocol/session.ts";
import { comparePast, isFailedCommand, isPastConversation } from "../runtime/past-sessions.ts";
import { runs } from "./session-facts.ts";

/** The sessions of one directory, as far as they are shown. */
export interface DirectoryGroup {
  directory: string;
  sessions: SessionSummary[];
  /** How many of it are not shown. */
  more: number;
  /** It is the directory one is in. */
  here: boolean;
}

export interface SelectionOptions {
  /** How much of what ended is shown; everything without it. */
  ended?: number | undefined;
  /** The directory one is in. */
  here: string | undefined;
}

/** How much is shown of what ended, where there is room for it. */
export const ENDED_SHOWN = 20;
const OF_A_DIRECTORY = 5;
const FAILED_COMMANDS = 5;

/**
 * What a person looks for: everything that runs; of the conversations to go back to the newest, a few of each
 * directory, and those of the directory one is in whatever their age; of the commands that ended the newest that
 * did not end well. In the order given.
 */
export function select(everything: readonly SessionSummary[], { ended, here }: SelectionOptions): SessionSummary[] {
  if (ended === undefined) return [...everything];
  const sessions = everything.filter(({ dismissed }) => !dismissed);
  const shown = new Set(sessions.filter(runs));
  const ofDirectory = new Map<string, number>();
  let elsewhere = 0;
  for (const session of sessions.filter(isPastConversation).toSorted(comparePast)) {
    const count = ofDirectory.get(session.cwd) ?? 0;
    const isHere = session.cwd === here;
    if (count >= Math.min(OF_A_DIRECTORY, ended) || (!isHere && elsewhere >= ended)) continue;
    ofDirectory.set(session.cwd, count + 1);
    if (!isHere) elsewhere += 1;
    shown.add(session);
  }
  const failed = sessions.filter(isFailedCommand).toSorted(comparePast);
  for (const command of failed.slice(0, Math.min(FAILED_COMMANDS, ended))) shown.add(command);
  return sessions.filter((session) => shown.has(session));
}

/**
 * The sessions shown, under their directories: first those where something runs, then the one one is in, then
 * those where something happened last. In each, what runs comes first, then what has ended (`comparePast`).
 */
export function group(
  shown: readonly SessionSummary[],
  everything: readonly SessionSummary[],
  here: string | undefined,
): DirectoryGroup[] {
  const there = Map.groupBy(everything, ({ cwd }) => cwd);
  const groups = [...Map.groupBy(shown, ({ cwd }) => cwd)].map(([directory, sessions]) => ({
    directory,
    sessions: [...sessions.filter(runs), ...sessions.filter((session) => !runs(session)).toSorted(comparePast)],
    more: (there.get(directory)?.length ?? 0) - sessions.length,
    here: directory === here,
  }));
  return groups.sort((left, right) => rank(left) - rank(right) || newest(right) - newest(left));
}

/** What runs keeps the place that it has in the order given, so that no group jumps while one looks. */
function rank({ sessions, here }: DirectoryGroup): number {
  if (sessions.some(runs)) return 0;
  return here ? 1 : 2;
}

function newest({ sessions }: DirectoryGroup): number {
  if (sessions.some(runs)) return 0;
  return Math.max(...sessions.map(({ updatedAt }) => updatedAt));
}
