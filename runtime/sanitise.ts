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

/** C0, C1 and DEL; format characters (bidi controls, zero-width, tags, soft hyphen); lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;
/** A name needs no more combining marks on one letter; a tower of them covers its neighbours. */
const MARK_TOWERS = /(\p{M}{4})\p{M}+/gu;

const ELLIPSIS = "…";

/**
 * Makes outside text (titles, names, paths, model output) one line that is safe on a terminal: no control
 * bytes, no escape sequences, no bidi overrides, nothing invisible; runs of white space become one space.
 * With `maxCells` it is cut, at a word where there is one, and ends in `…`.
 */
export function plainText(text: string, { maxCells = Infinity }: { maxCells?: number } = {}): string {
  const line = text
    .slice(0, MAX_CODE_UNITS)
    .replace(ESCAPE_SEQUENCES, "")
    .replace(/(?:[^\S\ufeff]|\u0085)+/gu, " ")
    .replace(UNSAFE, "")
    .replace(MARK_TOWERS, "$1")
    .replace(/ {2,}/g, " ")
    .trim();
  return cellWidth(line) <= maxCells ? line : cut(line, maxCells);
}

/** The message of anything thrown, as plain text of at most 500 cells. */
export function errorText(error: unknown): string {
  return plainText(error instanceof Error ? error.message || error.name : String(error), { maxCells: 500 });
}

/** Terminal cells that plain text takes. */
export function cellWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += characterWidth(character);
  return cells;
}

function cut(line: string, maxCells: number): string {
  if (maxCells < 1) return "";
  let cells = 0;
  let end = 0;
  for (const character of line) {
    const width = characterWidth(character);
    if (cells + width > maxCells - 1) break;
    cells += width;
    end += character.length;
  }
  const kept = line.slice(0, end);
  const wordEnd = line[end] === " " ? end : kept.lastIndexOf(" ");
  // A first word that fills most of the room is cut inside rather than dropped.
  const short = wordEnd > 0 && cellWidth(kept.slice(0, wordEnd)) * 2 >= maxCells ? kept.slice(0, wordEnd) : kept;
  return short.trimEnd() + ELLIPSIS;
}

/** Unicode 16 East Asian Width W and F, in coarse blocks: wide where in doubt, so that a line never overflows. */
const WIDE_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23f3],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2630, 0x2637],
  [0x2648, 0x2653],
  [0x267f, 0x26ff],
  [0x2705, 0x27bf],
  [0x2b1b, 0x2b55],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1d300, 0x1d37f],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^\p{M}$/u.test(character)) return 0;
  return WIDE_RANGES.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
