import type { IUnicodeVersionProvider } from "@xterm/headless";
import { isWide } from "../../runtime/wide-characters.ts";

/**
 * How many cells a character takes, as pi counts them (its `visibleWidth`) and as terminals that know grapheme
 * clusters draw them: emoji two cells, with their skin tones, joiners, flags and variation selectors as one cluster.
 * Widths of the emulator's own table (Unicode 6) would put the rest of such a line into the wrong columns, and a
 * table without clusters would wrap full-width lines that pi meant to fit (docs/adr/0051).
 *
 * Answers are computed from the JavaScript engine's Unicode data when a character is first seen, then remembered.
 */
class ClusterWidths implements IUnicodeVersionProvider {
  readonly version = "pisync";
  readonly #known = new Uint8Array(KNOWN_LIMIT);

  wcwidth(codePoint: number): 0 | 1 | 2 {
    return (this.#class(codePoint) & WIDTH) as 0 | 1 | 2;
  }

  /**
   * The emulator's contract: bit 0 says that the character joins the cell before it, bits 1 and 2 are the width of
   * the whole cell, the rest is ours and comes back as `preceding` with the next character.
   */
  charProperties(codePoint: number, preceding: number): number {
    if (codePoint < ASCII_END) return ASCII_PROPERTIES[codePoint] as number;
    const kind = this.#class(codePoint);
    if ((preceding & (WIDTH << 1)) === 0) return kind << 1;
    const before = preceding >> 1;
    if (codePoint === ZERO_WIDTH_JOINER) return (before & PICTOGRAPH ? preceding | (JOINS_NEXT << 1) : preceding) | 1;
    if (codePoint === EMOJI_STYLE) return ((before & PICTOGRAPH ? (before & ~WIDTH) | 2 : before) << 1) | 1;
    if ((kind & WIDTH) === 0) return preceding | 1;
    if (joins(kind, before)) return (((kind & ~(WIDTH | FLAG_HALF)) | 2) << 1) | 1;
    return kind << 1;
  }

  /** The cells that this text takes when it is printed after a control sequence. */
  textWidth(text: string): number {
    let width = 0;
    let before = 0;
    for (const character of text) {
      const properties = this.charProperties(character.codePointAt(0) as number, before);
      const whole = (properties >> 1) & WIDTH;
      width += properties & 1 ? whole - ((before >> 1) & WIDTH) : whole;
      before = properties;
    }
    return width;
  }

  /** Whether this text may join a character printed right before it: an emoji after a joiner, half a flag, a tone. */
  wouldJoin(text: string): boolean {
    return (this.#class(text.codePointAt(0) as number) & (PICTOGRAPH | FLAG_HALF | SKIN_TONE)) !== 0;
  }

  #class(codePoint: number): number {
    if (codePoint >= KNOWN_LIMIT) return classify(codePoint) & ~KNOWN;
    const known = this.#known[codePoint];
    if (known) return known & ~KNOWN;
    const kind = classify(codePoint);
    this.#known[codePoint] = kind | KNOWN;
    return kind;
  }
}

/** Everything up to the end of the emoji planes is remembered, 128 KiB; beyond are rare ideographs and tags. */
const KNOWN_LIMIT = 0x20000;

const WIDTH = 3;
/** May start or continue a joined emoji, and is widened by the emoji style selector. */
const PICTOGRAPH = 4;
const SKIN_TONE = 8;
/** A regional indicator that waits for its second half. */
const FLAG_HALF = 16;
const JOINS_NEXT = 32;
const KNOWN = 128;

const ZERO_WIDTH_JOINER = 0x200d;
const EMOJI_STYLE = 0xfe0f;

function joins(kind: number, before: number): boolean {
  if (kind & SKIN_TONE) return (before & PICTOGRAPH) !== 0;
  if (kind & FLAG_HALF) return (before & FLAG_HALF) !== 0;
  return (kind & PICTOGRAPH) !== 0 && (before & JOINS_NEXT) !== 0;
}

/** ASCII that the emoji style selector turns into keycaps. */
const KEYCAP = /^[0-9#*]$/;

function unicodePatterns() {
  return {
    zero: /^[\p{Default_Ignorable_Code_Point}\p{Nonspacing_Mark}\p{Enclosing_Mark}]$/u,
    emojiWide: /^\p{Emoji_Presentation}$/u,
    emojiAny: /^[\p{Emoji}\p{Extended_Pictographic}]$/u,
  };
}

/** Made with the first character outside ASCII. */
let patterns: ReturnType<typeof unicodePatterns> | undefined;

function classify(codePoint: number): number {
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0;
  const text = String.fromCodePoint(codePoint);
  if (codePoint < ASCII_END) return KEYCAP.test(text) ? PICTOGRAPH | 1 : 1;
  const { zero, emojiWide, emojiAny } = (patterns ??= unicodePatterns());
  if (codePoint >= 0x1f3fb && codePoint <= 0x1f3ff) return SKIN_TONE | PICTOGRAPH | 2;
  if (codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff) return FLAG_HALF | 2;
  if (codePoint !== 0xad && zero.test(text)) return 0;
  const wide = isWide(codePoint) || emojiWide.test(text);
  return (wide ? 2 : 1) | (emojiAny.test(text) ? PICTOGRAPH : 0);
}

/** Answers for characters that join nothing, ready: nearly all output is made of them. */
const ASCII_END = 0x7f;
const ASCII_PROPERTIES = Uint8Array.from({ length: ASCII_END }, (_, codePoint) => classify(codePoint) << 1);

/** One for all emulators and painters. */
export const CLUSTER_WIDTHS = new ClusterWidths();
