import type { SessionSummary } from "../protocol/session.ts";

export type Colour = "cyan" | "yellow" | "red" | "green" | "grey";

/** How a piece of a row looks. Without colour only weight and reversal are left. */
export interface Style {
  readonly colour?: Colour;
  readonly bold?: boolean;
  readonly underline?: boolean;
  /** The row under the selection. */
  readonly selected?: boolean;
}

/** What the terminal can show. */
export interface Appearance {
  /** False: NO_COLOR is set. */
  readonly colour: boolean;
  /** False: ASCII only. */
  readonly unicode: boolean;
}

export type MarkName =
  "working" | "waiting" | "error" | "unseen" | "idle" | "starting" | "interrupted" | "resumable" | "unknown";

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
  error: { unicode: "✖", ascii: "!", style: { colour: "red", bold: true }, meaning: "its last run failed" },
  unseen: { unicode: "◉", ascii: "+", style: { colour: "green", bold: true }, meaning: "finished, not seen yet" },
  interrupted: { unicode: "◐", ascii: "~", style: { colour: "yellow" }, meaning: "cut off in a run" },
  idle: { unicode: "•", ascii: "-", style: { colour: "grey" }, meaning: "live, nothing to do" },
  starting: { unicode: "◌", ascii: ".", style: { colour: "cyan" }, meaning: "starting" },
  unknown: { unicode: "•", ascii: "-", style: { colour: "grey" }, meaning: "live, its status unknown" },
  resumable: { unicode: "○", ascii: "o", style: { colour: "grey" }, meaning: "ended, can be resumed" },
};

export function markOf({ kind, status }: SessionSummary): MarkName {
  if (kind === "resumable") return status?.state === "interrupted" ? "interrupted" : "resumable";
  if (status === undefined) return "unknown";
  switch (status.state) {
    case "working":
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
