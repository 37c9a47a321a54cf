/** Letters and digits that make a piece: about two words, so that unrelated texts share few. */
const PIECE_LENGTH = 8;
/** The most texts, and the most screens, of one comparison. */
export const MAX_COMPARED = 30;

/**
 * Text as terminals and files have it in common: letters and digits alone, in small letters. Line wraps, indents,
 * borders, markdown marks and escape sequences are neither.
 */
export function comparable(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

/** How much of a text is on a screen. */
export interface Share {
  /** Pieces of the text that are there. */
  seen: number;
  /** Pieces that count. */
  of: number;
}

/** What texts and screens have in common, counted in pieces: overlapping stretches of eight letters or digits. */
export interface TextComparison<Text, Screen> {
  /** How much of a text a screen shows; with `unlike` only what that other text lacks counts. */
  shown(text: Text, screen: Screen, unlike?: Text): Share;
  /** How much of a text a screen shows, where only counts what another screen does not show as well. */
  shownUnlike(text: Text, screen: Screen, other: Screen): Share;
}

/** The texts a piece is in and the screens it is on, as sets of bits. */
interface Places {
  texts: number;
  screens: number;
}

/**
 * Compares texts with screens, both `comparable`, at most MAX_COMPARED of each. Each piece of a text counts once, however
 * often it is repeated, and what a screen shows beyond the texts does not count. A screen that cannot be seen shows
 * nothing.
 */
export function compareTexts<Text extends { text: string }, Screen extends { screen?: string | undefined }>(
  texts: readonly Text[],
  screens: readonly Screen[],
): TextComparison<Text, Screen> {
  const textBit = bits(texts);
  const screenBit = bits(screens);
  const groups = grouped(placesOf(texts, screens).values());

  function share(counts: (places: Places) => boolean, screen: number): Share {
    const counted = groups.filter(counts);
    return { seen: sum(counted.filter(({ screens }) => (screens & screen) !== 0)), of: sum(counted) };
  }

  return {
    shown(text, screen, unlike) {
      const [wanted, unwanted] = [textBit(text), unlike === undefined ? 0 : textBit(unlike)];
      return share((in_) => (in_.texts & wanted) !== 0 && (in_.texts & unwanted) === 0, screenBit(screen));
    },
    shownUnlike(text, screen, other) {
      const both = screenBit(screen) | screenBit(other);
      return share((in_) => (in_.texts & textBit(text)) !== 0 && (in_.screens & both) !== both, screenBit(screen));
    },
  };
}

function bits<T>(members: readonly T[]): (member: T) => number {
  const known = new Map(members.map((member, at) => [member, 1 << at]));
  return (member) => known.get(member) ?? 0;
}

function placesOf(
  texts: readonly { text: string }[],
  screens: readonly { screen?: string | undefined }[],
): Map<string, Places> {
  const pieces = new Map<string, Places>();
  for (const [at, { text }] of texts.entries()) {
    for (const piece of piecesOf(text)) {
      const places = pieces.get(piece) ?? { texts: 0, screens: 0 };
      places.texts |= 1 << at;
      pieces.set(piece, places);
    }
  }
  for (const [at, { screen = "" }] of screens.entries()) {
    for (const piece of piecesOf(screen)) {
      const places = pieces.get(piece);
      if (places) places.screens |= 1 << at;
    }
  }
  return pieces;
}

function* piecesOf(text: string): Generator<string> {
  for (let end = PIECE_LENGTH; end <= text.length; end++) yield text.slice(end - PIECE_LENGTH, end);
}

/** Thousands of pieces are in a few dozen different places. */
function grouped(pieces: Iterable<Places>): (Places & { pieces: number })[] {
  const groups = new Map<string, Places & { pieces: number }>();
  for (const { texts, screens } of pieces) {
    const key = `${texts} ${screens}`;
    const group = groups.get(key) ?? { texts, screens, pieces: 0 };
    group.pieces += 1;
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sum(groups: readonly { pieces: number }[]): number {
  return groups.reduce((total, { pieces }) => total + pieces, 0);
}
