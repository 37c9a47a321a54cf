import { homedir } from "node:os";
import { showsUnicode } from "../runtime/session-marks.ts";
import type { LineStyle } from "./session-facts.ts";
import type { LineContext } from "./session-lines.ts";

/** Of lines that go into a file or another program. */
const UNSEEN_WIDTH = 160;

// Imported, it would load all of node:util (docs/adr/0032).
const { styleText } = process.getBuiltinModule("node:util");

const FORMATS: Record<LineStyle, Parameters<typeof styleText>[0]> = {
  directory: "bold",
  id: "cyan",
  quiet: "dim",
  good: "cyan",
  news: ["green", "bold"],
  attention: "yellow",
  bad: "red",
  match: ["yellow", "bold"],
};

/** For lines on standard output: in colour only on a terminal and without NO_COLOR. */
export function lineContext(): LineContext {
  return {
    now: Date.now(),
    home: homedir(),
    width: process.stdout.columns > 0 ? process.stdout.columns : UNSEEN_WIDTH,
    unicode: showsUnicode(process.env),
    style: (style, text) => styleText(FORMATS[style], text, { stream: process.stdout }),
  };
}

/** The directory one is in; undefined when it is gone. */
export function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
