import { homedir } from "node:os";
import { styleText } from "node:util";
import type { SessionList, SessionSummary } from "../../protocol/session.ts";
import { DaemonClient } from "../daemon-client.ts";
import { EXIT, note, print } from "../output.ts";
import { sessionLines, type LineContext, type LineStyle } from "../session-lines.ts";

/** How many sessions that ended are listed unless all are asked for. */
const RESUMABLE_LIMIT = 20;
const FAILED_COMMANDS_LIMIT = 5;

const USUAL_WIDTH = 100;

export async function list(options: { json?: boolean; all?: boolean }): Promise<number> {
  const client = await DaemonClient.connect();
  const everything = await client.list();
  const all = options.all ?? false;
  if (options.json) {
    print(JSON.stringify(all ? everything : limitResumable(everything)));
    return EXIT.done;
  }
  const shown = forPeople(everything.sessions, { all });
  const left = everything.sessions.length - shown.length;
  for (const line of sessionLines(shown, lineContext())) print(line);
  if (everything.sessions.length === 0) note("There is no session yet. Start one with: pisync pi");
  if (left > 0) note(`${left} more that ended; list ${left === 1 ? "it" : "them"} with: pisync list --all`);
  return EXIT.done;
}

function limitResumable(everything: SessionList): SessionList {
  const { live, ended } = liveAndEnded(everything.sessions);
  return { ...everything, sessions: [...live, ...ended.slice(0, RESUMABLE_LIMIT)] };
}

/**
 * Sessions in the order a person looks for them: live ones, conversations to go back to, commands. Of what ended
 * only the newest unless all are asked for, and of commands only those that did not end well.
 */
export function forPeople(sessions: readonly SessionSummary[], { all }: { all: boolean }): SessionSummary[] {
  const { live, ended } = liveAndEnded(sessions);
  const conversations = ended.filter(({ agent }) => agent === "pi");
  const commands = ended.filter(({ agent }) => agent !== "pi");
  if (all) return [...live, ...conversations, ...commands];
  const failed = commands.filter(({ ending }) => ending?.exitCode !== 0);
  return [...live, ...conversations.slice(0, RESUMABLE_LIMIT), ...failed.slice(0, FAILED_COMMANDS_LIMIT)];
}

function liveAndEnded(sessions: readonly SessionSummary[]) {
  return {
    live: sessions.filter(({ kind }) => kind === "live"),
    ended: sessions.filter(({ kind }) => kind !== "live"),
  };
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
