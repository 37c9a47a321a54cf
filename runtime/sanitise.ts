import { cellWidth, clustersOf } from "./cell-width.ts";

/** Longer text is cut before it is looked at, so that a hostile title costs bounded time. */
const MAX_CODE_UNITS = 20_000;

/**
 * Whole escape sequences, so that their parameters do not stay behind as text: CSI; then OSC, DCS, SOS, PM and
 * APC up to BEL or ST (also unterminated); then any other ESC sequence. ECMA-48, 7-bit and 8-bit forms.
 */
const ESCAPE_SEQUENCES = new RegExp(
  [
    "(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?",
    "(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?",
    "\\u001b[ -/]*[0-~]?",
  ].join("|"),
  "g",
);

/** White space of every kind, and the pattern that Braille has for a blank. */
const BLANK = /(?:[^\S\ufeff]|[\u0085\u2800])+/gu;

/** Letters that are safe in any order: printable ones up to the first combining mark, without the soft hyphen. */
const HARMLESS = /^[ -~\u00a1-\u00ac\u00ae-\u02ff]*$/;

/** Made when first needed: V8 gathers whole sets of characters for them, and most text is harmless. */
function unicodePatterns() {
  return {
    /**
     * C0, C1 and DEL; format characters (bidi controls, zero-width, tags, soft hyphen) and whatever else is invisible,
     * such as the variation selectors that text can be hidden in; lone surrogates. What makes one emoji of several
     * stays: a joiner between two, and the selector of the emoji style behind one.
     */
    unsafe: new RegExp(
      [
        "(?!(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{Extended_Pictographic}))",
        "(?!(?<=\\p{Emoji})\\ufe0f)",
        "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\ufe0e]",
      ].join(""),
      "gu",
    ),
    /** A mark at the beginning would be drawn on what stands before the text. */
    leadingMarks: /^[\p{M} ]+/u,
    /** A name needs no more combining marks on one letter; a tower of them covers its neighbours. */
    markTowers: /(\p{M}{4})\p{M}+/gu,
  };
}

let patterns: ReturnType<typeof unicodePatterns> | undefined;

const ELLIPSIS = "…";

/**
 * Makes outside text (titles, names, paths, model output) one line that is safe on a terminal: no control
 * bytes, no escape sequences, no bidi overrides, nothing invisible; runs of white space become one space.
 * With `maxCells` it is cut, at a word where there is one, and ends in `…`.
 */
export function plainText(text: string, { maxCells = Infinity }: { maxCells?: number } = {}): string {
  const bounded = text.slice(0, MAX_CODE_UNITS);
  const line = HARMLESS.test(bounded) ? bounded.replace(/ {2,}/g, " ").trim() : safeLine(bounded);
  return cellWidth(line) <= maxCells ? line : cut(line, maxCells);
}

/** As `plainText`, for text of several lines: line feeds, tabs and runs of blanks stay. Its length is not bounded. */
export function plainLines(text: string): string {
  const keepLayout = (found: string) => (found === "\n" || found === "\t" ? found : "");
  const { unsafe, markTowers } = (patterns ??= unicodePatterns());
  return text.replace(ESCAPE_SEQUENCES, "").replace(unsafe, keepLayout).replace(markTowers, "$1");
}

/** Something a user said or named, as it is kept: plain and of at most 900 cells; undefined when that leaves nothing. */
export function presentable(text: string | undefined): string | undefined {
  const plain = text === undefined ? "" : plainText(text, { maxCells: 900 });
  return plain === "" ? undefined : plain;
}

/** Text without its escape sequences, otherwise as it is: not yet safe on a terminal. */
export function withoutEscapeSequences(text: string): string {
  return /[\u001b\u0080-\u009f]/.test(text) ? text.replace(ESCAPE_SEQUENCES, "") : text;
}

/** The message of anything thrown, as plain text of at most 500 cells. */
export function errorText(error: unknown): string {
  return plainText(error instanceof Error ? error.message || error.name : String(error), { maxCells: 500 });
}

function safeLine(text: string): string {
  const { unsafe, leadingMarks, markTowers } = (patterns ??= unicodePatterns());
  return text
    .replace(ESCAPE_SEQUENCES, "")
    .replace(BLANK, " ")
    .replace(unsafe, "")
    .replace(markTowers, "$1")
    .replace(/ {2,}/g, " ")
    .replace(leadingMarks, "")
    .trimEnd();
}

function cut(line: string, maxCells: number): string {
  if (maxCells < 1) return "";
  let cells = 0;
  let end = 0;
  for (const cluster of clustersOf(line)) {
    const width = cellWidth(cluster);
    if (cells + width > maxCells - 1) break;
    cells += width;
    end += cluster.length;
  }
  const kept = line.slice(0, end);
  const wordEnd = line[end] === " " ? end : kept.lastIndexOf(" ");
  // A first word that fills most of the room is cut inside rather than dropped.
  const short = wordEnd > 0 && cellWidth(kept.slice(0, wordEnd)) * 2 >= maxCells ? kept.slice(0, wordEnd) : kept;
  return short.trimEnd() + ELLIPSIS;
}
