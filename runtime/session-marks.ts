import type { SessionSummary, Status } from "../protocol/session.ts";

export type MarkColour = "cyan" | "yellow" | "red" | "green" | "grey";

export interface Mark {
  readonly unicode: string;
  readonly ascii: string;
  readonly colour: MarkColour;
  readonly bold?: boolean;
  /** In words, for legends. */
  readonly meaning: string;
}

export type MarkName =
  "working" | "waiting" | "error" | "unseen" | "idle" | "running" | "starting" | "interrupted" | "failed" | "resumable";

/**
 * The one sign of how a session is, in the list, the sidebar and their legends. The signs differ in shape as well as
 * in colour, so that they can be told apart without it.
 */
export const MARKS: Readonly<Record<MarkName, Mark>> = {
  working: { unicode: "●", ascii: "*", colour: "cyan", bold: true, meaning: "working" },
  waiting: { unicode: "◆", ascii: "?", colour: "yellow", bold: true, meaning: "waits for your answer" },
  error: { unicode: "✗", ascii: "!", colour: "red", bold: true, meaning: "its last run failed" },
  unseen: { unicode: "◉", ascii: "+", colour: "green", bold: true, meaning: "finished, not seen yet" },
  idle: { unicode: "•", ascii: "-", colour: "grey", meaning: "live, nothing to do" },
  running: { unicode: "›", ascii: ">", colour: "cyan", meaning: "a command that runs" },
  starting: { unicode: "◌", ascii: ".", colour: "cyan", meaning: "starting" },
  interrupted: { unicode: "◐", ascii: "~", colour: "yellow", meaning: "cut off in a run" },
  failed: { unicode: "✗", ascii: "!", colour: "red", meaning: "ended badly" },
  resumable: { unicode: "○", ascii: "o", colour: "grey", meaning: "ended, can be resumed" },
};

/** What decides on the mark of a session. */
type MarkedFacts = Pick<SessionSummary, "kind" | "agent" | "ending"> & { status?: Status | undefined };

export function markOf(session: MarkedFacts): MarkName {
  const { kind, agent, status } = session;
  if (kind === "resumable") {
    if (endedBadly(session) || status?.state === "error") return "failed";
    return status?.state === "interrupted" ? "interrupted" : "resumable";
  }
  // A process is there, and nobody says more.
  if (status === undefined) return "idle";
  switch (status.state) {
    case "working":
      // That a command is there is all that its process says.
      return agent === "command" && status.source === "process" ? "running" : "working";
    case "waiting":
    case "error":
    case "starting":
    case "interrupted":
      return status.state;
    case "idle":
    case "exited":
      return status.unseen ? "unseen" : "idle";
  }
}

export function signOf(name: MarkName, { unicode }: { unicode: boolean }): string {
  return unicode ? MARKS[name].unicode : MARKS[name].ascii;
}

/** By a signal, a failure or the death of its host; not by its user, and not in the middle of a run. */
export function endedBadly({ kind, ending }: Pick<SessionSummary, "kind" | "ending">): boolean {
  if (kind !== "resumable" || ending === undefined || ending.interrupted || ending.cause === "killed") return false;
  return ending.cause === "host-died" || ending.signal !== undefined || Boolean(ending.exitCode);
}

/** Whether the terminal shows more than ASCII: its locale is UTF-8, or it is tmux, which draws whatever it is. */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TMUX"] !== undefined || /utf-?8/i.test(locale);
}
