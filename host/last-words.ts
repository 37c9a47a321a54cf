import { plainText } from "../runtime/sanitise.ts";

const MAX_CELLS = 200;
/** As a session record takes it. */
const MAX_CHARACTERS = 2_000;

/** The last line that a program showed, safe on a terminal; undefined when it showed nothing. Pure. */
export function lastWords(screenText: string): string | undefined {
  const line = screenText.split("\n").findLast((each) => each.trim() !== "");
  if (line === undefined) return undefined;
  return plainText(line, { maxCells: MAX_CELLS }).slice(0, MAX_CHARACTERS) || undefined;
}
