import { homedir } from "node:os";
import { styleText } from "node:util";
import type { SessionList } from "../../protocol/session.ts";
import { DaemonClient } from "../daemon-client.ts";
import { EXIT, note, print } from "../output.ts";
import { sessionLines, type LineContext, type LineStyle } from "../session-lines.ts";

/** How many sessions that can be resumed are listed unless all are asked for. */
export const RESUMABLE_LIMIT = 20;

const USUAL_WIDTH = 100;

export async function list(options: { json?: boolean; all?: boolean }): Promise<number> {
  const client = await DaemonClient.connect();
  const everything = await client.list();
  const { list: shown, left } = options.all ? { list: everything, left: 0 } : limitResumable(everything);
  if (options.json) {
    print(JSON.stringify(shown));
    return EXIT.done;
  }
  for (const line of sessionLines(shown.sessions, lineContext())) print(line);
  if (everything.sessions.length === 0) note("There is no session yet. Start one with: pisync pi");
  if (left > 0) note(`${left} more can be resumed; list them with: pisync list --all`);
  return EXIT.done;
}

/**
 * The list with at most RESUMABLE_LIMIT that are not live, without commands that ended well: nobody goes back to
 * those. Also how many that leaves out.
 */
export function limitResumable(everything: SessionList): { list: SessionList; left: number } {
  const live = everything.sessions.filter(({ kind }) => kind === "live");
  const others = everything.sessions.filter(({ kind, agent, ending }) => {
    return kind !== "live" && !(agent === "command" && ending?.exitCode === 0);
  });
  const sessions = [...live, ...others.slice(0, RESUMABLE_LIMIT)];
  return { list: { ...everything, sessions }, left: everything.sessions.length - sessions.length };
}

const FORMATS: Record<LineStyle, Parameters<typeof styleText>[0]> = {
  directory: "bold",
  id: "cyan",
  quiet: "dim",
  good: "green",
  attention: "yellow",
  bad: "red",
};

/** For lines on standard output: in colour only on a terminal and without NO_COLOR. */
export function lineContext(): LineContext {
  return {
    now: Date.now(),
    home: homedir(),
    width: process.stdout.columns > 0 ? process.stdout.columns : USUAL_WIDTH,
    style: (style, text) => styleText(FORMATS[style], text, { stream: process.stdout }),
  };
}
