import type { SessionSummary } from "../protocol/session.ts";
import { MARKS, markOf, showsUnicode, signOf, type MarkColour, type MarkName } from "../runtime/session-marks.ts";

export type Colour = MarkColour;

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

/** https://no-color.org; without a UTF-8 locale only ASCII. */
export function appearanceFor(env: Readonly<Record<string, string | undefined>>): Appearance {
  const few = env["TMUX"] === undefined && !env["COLORTERM"] && EIGHT_COLOURS.test(env["TERM"] ?? "");
  return { colours: env["NO_COLOR"] ? 0 : few ? 8 : 256, unicode: showsUnicode(env) };
}

/** A mark as it is drawn. */
export function drawnMark(name: MarkName, appearance: Appearance): { sign: string; style: Style } {
  const { colour, bold = false } = MARKS[name];
  return { sign: signOf(name, appearance), style: { colour, bold } };
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
