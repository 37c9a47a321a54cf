import {
  BLINK,
  BOLD,
  COLOUR_16,
  COLOUR_256,
  COLOUR_MODE,
  COLOUR_RGB,
  DIM,
  HAS_EXTENDED,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKETHROUGH,
  UNDERLINE,
  UNDERLINE_COLOUR,
  UNDERLINE_STYLE_SHIFT,
  type AttributeInternals,
  type ExtendedInternals,
} from "./internals.ts";

/** A pen: the emulator's foreground and background words, and its underline word (`ext`). */
export interface Pen {
  readonly fg: number;
  readonly bg: number;
  readonly ext: number;
}

export const DEFAULT_PEN: Pen = { fg: 0, bg: 0, ext: 0 };

const FG_FLAGS = INVERSE | BOLD | UNDERLINE | BLINK | INVISIBLE | STRIKETHROUGH;
const BG_FLAGS = ITALIC | DIM | OVERLINE;
const SINGLE = 1 << UNDERLINE_STYLE_SHIFT;

/** SGR 59 leaves this in the emulator instead of "no colour". */
const UNDERLINE_COLOUR_RESET = UNDERLINE_COLOUR;

const FG_CODES: readonly (readonly [number, string])[] = [
  [BOLD, ";1"],
  [BLINK, ";5"],
  [INVERSE, ";7"],
  [INVISIBLE, ";8"],
  [STRIKETHROUGH, ";9"],
];
const BG_CODES: readonly (readonly [number, string])[] = [
  [DIM, ";2"],
  [ITALIC, ";3"],
  [OVERLINE, ";53"],
];

/** A colour word without the bits that an earlier colour of another mode left in it. */
function colour(word: number): number {
  switch (word & COLOUR_MODE) {
    case COLOUR_RGB:
      return word & (COLOUR_MODE | 0xffffff);
    case 0:
      return 0;
    default:
      return word & (COLOUR_MODE | 0xff);
  }
}

/** The pen of a cell or of the emulator, with everything removed that shows in no way, so that pens can be compared. */
export function penOf(fg: number, bg: number, extended: ExtendedInternals | undefined): Pen {
  const cleanFg = (colour(fg) | (fg & FG_FLAGS)) >>> 0;
  const cleanBg = (colour(bg) | (bg & BG_FLAGS)) >>> 0;
  if (!(fg & UNDERLINE)) return { fg: cleanFg, bg: cleanBg, ext: 0 };
  const ext = bg & HAS_EXTENDED ? (extended?.ext ?? 0) : 0;
  const style = ext & (7 << UNDERLINE_STYLE_SHIFT);
  return { fg: cleanFg, bg: cleanBg, ext: (style || SINGLE) | underlineColour(ext) };
}

function underlineColour(ext: number): number {
  const word = ext & UNDERLINE_COLOUR;
  return word === UNDERLINE_COLOUR_RESET ? 0 : colour(word);
}

export function samePen(a: Pen, b: Pen): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.ext === b.ext;
}

/** Whether a blank cell in this pen shows more than its background colour. */
export function marksBlank(pen: Pen): boolean {
  return (pen.fg & (INVERSE | UNDERLINE | STRIKETHROUGH)) !== 0 || (pen.bg & OVERLINE) !== 0;
}

/** The SGR sequence that turns one pen into another; empty when they are the same. */
export function sgr(from: Pen, to: Pen): string {
  if (samePen(from, to)) return "";
  if (samePen(to, DEFAULT_PEN)) return "\x1b[m";
  const sameFlags = !(((from.fg ^ to.fg) & FG_FLAGS) | ((from.bg ^ to.bg) & BG_FLAGS)) && from.ext === to.ext;
  const base = sameFlags ? from : DEFAULT_PEN;
  let codes = sameFlags ? "" : "0" + flagCodes(to);
  if (colour(base.fg) !== colour(to.fg)) codes += colourCodes(colour(to.fg), 30);
  if (colour(base.bg) !== colour(to.bg)) codes += colourCodes(colour(to.bg), 40);
  return `\x1b[${codes.startsWith(";") ? codes.slice(1) : codes}m`;
}

/** The underline colour of a pen that does not underline, which a later SGR 4 would bring out. */
export function hiddenUnderlineColour({ fg, extended }: AttributeInternals): string {
  const codes = fg & UNDERLINE ? "" : underlineColourCodes(underlineColour(extended.ext));
  return codes && `\x1b[${codes.slice(1)}m`;
}

function flagCodes(pen: Pen): string {
  let codes = "";
  for (const [flag, code] of FG_CODES) if (pen.fg & flag) codes += code;
  for (const [flag, code] of BG_CODES) if (pen.bg & flag) codes += code;
  if (!(pen.fg & UNDERLINE)) return codes;
  const style = (pen.ext >>> UNDERLINE_STYLE_SHIFT) & 7;
  return codes + (style > 1 ? `;4:${style}` : ";4") + underlineColourCodes(pen.ext & UNDERLINE_COLOUR);
}

/** With colons, as terminals that do not know underline colours skip those as a whole. */
function underlineColourCodes(word: number): string {
  switch (word & COLOUR_MODE) {
    case 0:
      return "";
    case COLOUR_RGB:
      return `;58:2::${(word >> 16) & 255}:${(word >> 8) & 255}:${word & 255}`;
    default:
      return `;58:5:${word & 255}`;
  }
}

function colourCodes(word: number, base: 30 | 40): string {
  switch (word & COLOUR_MODE) {
    case COLOUR_16: {
      const index = word & 255;
      return `;${index < 8 ? base + index : base + 60 + index - 8}`;
    }
    case COLOUR_256:
      return `;${base + 8};5;${word & 255}`;
    case COLOUR_RGB:
      return `;${base + 8};2;${(word >> 16) & 255};${(word >> 8) & 255};${word & 255}`;
    default:
      return `;${base + 9}`;
  }
}
