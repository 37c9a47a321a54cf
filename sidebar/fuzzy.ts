/** Places of the matched characters, as [start, end) in UTF-16 code units of the text. */
export interface FuzzyMatch {
  /** Higher is better. */
  score: number;
  ranges: readonly (readonly [start: number, end: number])[];
}

const WORD_START = 8;
const CONSECUTIVE = 6;
const GAP = -1;
const MAX_GAP_PENALTY = -12;
/** Letters that are scattered over a text are in it by chance. */
const LEAST_SCORE = 0;

/**
 * Whether every word of the pattern occurs in the text: its letters in order, though others may stand between;
 * case and accents do not count. Letters at the beginnings of words and next to each other score higher.
 */
export function fuzzyMatch(pattern: string, text: string): FuzzyMatch | undefined {
  const words = fold(pattern).split(/\s+/).filter(Boolean);
  const folded = fold(text);
  let score = 0;
  const places: number[] = [];
  for (const word of words) {
    const found = bestOccurrence(word, folded);
    if (found === undefined || found.score < LEAST_SCORE) return undefined;
    score += found.score;
    places.push(...found.places);
  }
  return { score, ranges: rangesOf(places) };
}

interface Occurrence {
  score: number;
  places: number[];
}

/** The best of the greedy occurrences that begin at each place of the first letter. */
function bestOccurrence(word: string, text: string): Occurrence | undefined {
  let best: Occurrence | undefined;
  for (let start = text.indexOf(word.charAt(0)); start >= 0; start = text.indexOf(word.charAt(0), start + 1)) {
    const found = occurrenceFrom(start, word, text);
    if (found === undefined) break;
    if (best === undefined || found.score > best.score) best = found;
  }
  return best;
}

function occurrenceFrom(start: number, word: string, text: string): Occurrence | undefined {
  let score = isWordStart(text, start) ? WORD_START : 0;
  let at = start;
  const places = [start];
  for (let index = 1; index < word.length; index++) {
    const next = text.indexOf(word.charAt(index), at + 1);
    if (next < 0) return undefined;
    if (next === at + 1) score += CONSECUTIVE;
    else score += Math.max(GAP * (next - at - 1), MAX_GAP_PENALTY) + (isWordStart(text, next) ? WORD_START : 0);
    places.push(next);
    at = next;
  }
  return { score, places };
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(text.charAt(at - 1));
}

/** Lower case without accents, of the same length, so that places are those of the text. */
function fold(text: string): string {
  let folded = "";
  for (const character of text) {
    const plain = character.normalize("NFD").charAt(0).toLowerCase();
    folded += plain.length === character.length ? plain : character;
  }
  return folded;
}

function rangesOf(places: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const place of [...new Set(places)].sort((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last?.[1] === place) last[1] = place + 1;
    else ranges.push([place, place + 1]);
  }
  return ranges;
}
