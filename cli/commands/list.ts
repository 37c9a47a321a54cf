import { resolve } from "node:path";
import type { SessionList, SessionSummary } from "../../protocol/session.ts";
import { DaemonClient } from "../daemon-client.ts";
import { noteIncomplete, untilScanned } from "../index-progress.ts";
import { currentDirectory, lineContext } from "../line-context.ts";
import { grouped } from "../numbers.ts";
import { EXIT, note, print } from "../output.ts";
import { groupLines, shownPath } from "../session-lines.ts";
import { group, select } from "../session-selection.ts";

export interface ListOptions {
  json?: boolean;
  all?: boolean;
  /** Only what belongs to this directory, and all of it. */
  cwd?: string;
}

export async function list(options: ListOptions): Promise<number> {
  const client = await DaemonClient.connect();
  const index = await untilScanned(client);
  const everything = inDirectory(await client.list(), options.cwd);
  const here = currentDirectory();
  const shown = select(everything.sessions, { all: options.all === true || options.cwd !== undefined, here });
  if (options.json) {
    print(JSON.stringify({ ...everything, sessions: shown }));
    return EXIT.done;
  }
  const context = lineContext();
  for (const line of groupLines(group(shown, everything.sessions, here), context)) print(line);
  noteRest(everything.sessions, shown.length, options.cwd && shownPath(resolve(options.cwd), context.home));
  noteIncomplete(index);
  return EXIT.done;
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
