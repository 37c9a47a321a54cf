import { resolve } from "node:path";
import type { SessionList, SessionSummary } from "../../protocol/session.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { noteIncomplete, untilScanned } from "../index-progress.ts";
import { currentDirectory, lineContext } from "../line-context.ts";
import { grouped } from "../numbers.ts";
import { EXIT, note, print } from "../output.ts";
import { groupLines, shownPath, type LineContext } from "../session-lines.ts";
import { ENDED_SHOWN, group, select, type SelectionOptions } from "../session-selection.ts";

export interface ListOptions {
  json?: boolean;
  all?: boolean;
  /** Only what belongs to this directory, and all of it. */
  cwd?: string;
}

/** How much of what ended is shown where more of it would push what runs off the screen. */
const LESS_ENDED = [15, 10, 6, 3];
/** What stands below a list: how much more there is, and the prompt. */
const ROWS_BELOW = 7;

export async function list(options: ListOptions): Promise<number> {
  const client = await connectDaemon();
  const index = await untilScanned(client);
  const everything = inDirectory(await client.list(), options.cwd);
  const here = currentDirectory();
  const whole = options.all === true || options.cwd !== undefined;
  if (options.json) {
    const sessions = select(everything.sessions, { ended: whole ? undefined : ENDED_SHOWN, here });
    print(JSON.stringify({ ...everything, sessions }));
    return EXIT.done;
  }
  const context = lineContext();
  const { lines, shown } = whole
    ? listing(everything.sessions, { ended: undefined, here }, context)
    : fitting(everything.sessions, here, context, process.stdout.isTTY ? process.stdout.rows - ROWS_BELOW : Infinity);
  for (const line of lines) print(line);
  noteRest(everything.sessions, shown, options.cwd && shownPath(resolve(options.cwd), context.home));
  noteIncomplete(index);
  return EXIT.done;
}

/** What runs stays in sight on a screen of so many rows. */
function fitting(sessions: readonly SessionSummary[], here: string | undefined, context: LineContext, rows: number) {
  let fullest = listing(sessions, { ended: ENDED_SHOWN, here }, context);
  for (const ended of LESS_ENDED) {
    if (fullest.lines.length <= rows) break;
    fullest = listing(sessions, { ended, here }, context);
  }
  return fullest;
}

function listing(sessions: readonly SessionSummary[], options: SelectionOptions, context: LineContext) {
  const shown = select(sessions, options);
  return { lines: groupLines(group(shown, sessions, options.here), context), shown: shown.length };
}

function inDirectory(list: SessionList, directory: string | undefined): SessionList {
  if (directory === undefined) return list;
  const path = resolve(directory);
  return { ...list, sessions: list.sessions.filter(({ cwd }) => cwd === path) };
}

function noteRest(everything: readonly SessionSummary[], shown: number, directory: string | undefined): void {
  if (everything.length === 0) {
    note(`There is no session ${directory === undefined ? "yet" : `in ${directory}`}. Start one with: pisync pi`);
  }
  const left = everything.length - shown;
  if (left === 0) return;
  note(`\n${grouped(left)} more that ended:`);
  const next = (command: string, does: string) => note(`  ${command.padEnd(30)}${does}`);
  next("pisync list --all", "all of them");
  next("pisync list --cwd DIRECTORY", "all of a directory");
  next("pisync search WORDS", "those in which something was said");
}
