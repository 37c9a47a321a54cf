import { isWide } from "./wide-characters.ts";

/** Made when first needed, as what follows: most lines are told by their characters' range alone. */
let segmenter: Intl.Segmenter | undefined;
let patterns: ReturnType<typeof unicodePatterns> | undefined;

function unicodePatterns() {
  return {
    invisible: /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]$/u,
    emojiAlone: /^\p{Emoji_Presentation}$/u,
    /** An emoji in emoji style, or a keycap. */
    emojiStyled: /^\p{Emoji}\ufe0f/u,
  };
}

const NARROW_ONLY = /^[\u0020-\u02ff]*$/;
/** The second half of a flag, and the later letters of one Korean syllable. */
const JOINS_BEFORE = /^[\u{1f1e6}-\u{1f1ff}\u1160-\u11ff]$/u;
const ZERO_WIDTH_JOINER = "\u200d";

/** What is drawn as one: a letter with its marks, an emoji with what is joined to it, a flag. */
export function* clustersOf(text: string): Generator<string> {
  if (NARROW_ONLY.test(text)) return yield* text;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/**
 * Terminal cells that plain text takes: as pi counts them (docs/adr/0051), and where tmux takes more, as many as tmux, so
 * that a line overflows in neither.
 */
export function cellWidth(text: string): number {
  if (NARROW_ONLY.test(text)) return text.length;
  let cells = 0;
  for (const cluster of clustersOf(text)) cells += clusterWidth(cluster);
  return cells;
}

function clusterWidth(cluster: string): number {
  const [first, ...rest] = Array.from(cluster) as [string, ...string[]];
  const { emojiStyled } = (patterns ??= unicodePatterns());
  let width = emojiStyled.test(cluster) ? 2 : characterWidth(first);
  let before = first;
  for (const character of rest) {
    // A skin tone joins for pi, and is an emoji of its own for tmux.
    if (before !== ZERO_WIDTH_JOINER && !JOINS_BEFORE.test(character)) width += characterWidth(character);
    before = character;
  }
  return width;
}

function characterWidth(character: string): 0 | 1 | 2 {
  const { invisible, emojiAlone } = (patterns ??= unicodePatterns());
  if (invisible.test(character)) return 0;
  return isWide(character.codePointAt(0) as number) || emojiAlone.test(character) ? 2 : 1;
}
