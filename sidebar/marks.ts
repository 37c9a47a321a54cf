import type { SessionSummary } from "../protocol/session.ts";

export type Colour = "cyan" | "yellow" | "red" | "green" | "grey";

/** How a piece of a row looks. Without colour only weight and reversal are left. */
export interface Style {
  readonly colour?: Colour;
  readonly bold?: boolean;
  readonly underline?: boolean;
  /** The cell under the cursor. */
  readonly selected?: boolean;
}

/** What the terminal can show. */
export interface Appearance {
  /** How many colours; 0 with NO_COLOR. With 8 there is no grey. */
  readonly colours: 0 | 8 | 256;
  /** False: ASCII only. */
  readonly unicode: boolean;
}

/** Terminals with eight colours, by the beginning of TERM. Inside tmux, tmux translates. */
const EIGHT_COLOURS = /^(ansi|cons25|linux|screen|vt\d+|xterm)(?!.*(256|direct))/;

/** https://no-color.org; a locale that is not UTF-8 gets ASCII, but in tmux, which draws in UTF-8 whatever it is. */
export function appearanceFor(env: Readonly<Record<string, string | undefined>>): Appearance {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const inTmux = env["TMUX"] !== undefined;
  const few = !inTmux && !env["COLORTERM"] && EIGHT_COLOURS.test(env["TERM"] ?? "");
  return { colours: env["NO_COLOR"] ? 0 : few ? 8 : 256, unicode: inTmux || /utf-?8/i.test(locale) };
}

export type MarkName =
  | "working"
  | "waiting"
  | "error"
  | "unseen"
  | "idle"
  | "running"
  | "starting"
  | "interrupted"
  | "resumable"
  | "unknown";

interface Mark {
  readonly unicode: string;
  readonly ascii: string;
  readonly style: Style;
  /** In words, for the help. */
  readonly meaning: string;
}

/** The marks differ in shape as well as in colour, so that they can be told apart without it. */
export const MARKS: Readonly<Record<MarkName, Mark>> = {
  working: { unicode: "●", ascii: "*", style: { colour: "cyan", bold: true }, meaning: "working" },
  waiting: { unicode: "◆", ascii: "?", style: { colour: "yellow", bold: true }, meaning: "waits for your answer" },
  error: { unicode: "✗", ascii: "!", style: { colour: "red", bold: true }, meaning: "its last run failed" },
  unseen: { unicode: "◉", ascii: "+", style: { colour: "green", bold: true }, meaning: "finished, not seen yet" },
  interrupted: { unicode: "◐", ascii: "~", style: { colour: "yellow" }, meaning: "cut off in a run" },
  idle: { unicode: "•", ascii: "-", style: { colour: "grey" }, meaning: "live, nothing to do" },
  running: { unicode: "›", ascii: ">", style: { colour: "cyan" }, meaning: "a command that runs" },
  starting: { unicode: "◌", ascii: ".", style: { colour: "cyan" }, meaning: "starting" },
  unknown: { unicode: "•", ascii: "-", style: { colour: "grey" }, meaning: "live, its status unknown" },
  resumable: { unicode: "○", ascii: "o", style: { colour: "grey" }, meaning: "ended, can be resumed" },
};

export function markOf({ kind, agent, status }: SessionSummary): MarkName {
  if (kind === "resumable") return status?.state === "interrupted" ? "interrupted" : "resumable";
  if (status === undefined) return "unknown";
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

/** What is counted in the header and on a folded directory, the most urgent first. */
export const COUNTED = ["error", "waiting", "unseen", "working"] as const satisfies readonly MarkName[];
export type Tally = Readonly<Record<(typeof COUNTED)[number], number>>;

export function tallyOf(sessions: Iterable<SessionSummary>): Tally {
  const tally = { error: 0, waiting: 0, unseen: 0, working: 0 };
  for (const session of sessions) {
    const mark = markOf(session);
    if (mark in tally) tally[mark as keyof typeof tally] += 1;
  }
  return tally;
}
