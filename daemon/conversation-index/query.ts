/** What one asks for: beginnings of words, or a phrase as it was written between quotes. */
export interface SearchTerm {
  words: string;
  phrase: boolean;
}

/** More than anybody types; each costs a look into the text index. */
const MAX_TERMS = 16;

/** Scripts that put no space between words. Hangul does, but its words are compounds that end in particles. */
const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}`;
/** What a word consists of, for SQLite's tokenizer unicode61. */
const WORD = String.raw`\p{L}\p{N}\p{Co}`;

const UNSPACED_LETTER = new RegExp(`[${UNSPACED}]`, "gv");
const MAY_BE_UNSPACED = /[\u0e00-\u{10ffff}]/u;
const WORD_LETTER = new RegExp(`[${WORD}]`, "v");
const WORDS = new RegExp(`[${UNSPACED}]|[[${WORD}]--[${UNSPACED}]]+`, "gv");
const NO_WORD_BEFORE = `(?<![[${WORD}]--[${UNSPACED}]])`;
const NO_WORD_AFTER = `(?![[${WORD}]--[${UNSPACED}]])`;
const BETWEEN_WORDS = `[^${WORD}]*`;

/** What a query asks for. Words without a letter or digit ask for nothing; a quote that is not closed ends with the query. */
export function parseQuery(query: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const [, phrase, word] of query.normalize("NFC").matchAll(/"([^"]*)"?|([^\s"]+)/g)) {
    const words = phrase ?? word ?? "";
    if (WORD_LETTER.test(words)) terms.push({ words, phrase: phrase !== undefined });
  }
  return terms.slice(0, MAX_TERMS);
}

/** The term as an FTS5 query. What was typed stays between quotes, so that it cannot be syntax. */
export function matchExpression({ words, phrase }: SearchTerm): string {
  const quoted = searchableText(words).replaceAll("\0", " ").replaceAll('"', '""');
  return phrase ? `"${quoted}"` : `"${quoted}" *`;
}

/**
 * Text as it is given to the text index. Letters of scripts without spaces become words of their own, so that any part
 * of a text in them is found.
 */
export function searchableText(text: string): string {
  const composed = text.normalize("NFC");
  return MAY_BE_UNSPACED.test(composed) ? composed.replace(UNSPACED_LETTER, " $& ") : composed;
}

/** Finds a term in folded text where the text index finds it. Has the flag `g`. */
export function patternOf({ words, phrase }: SearchTerm): RegExp {
  const found = fold(words).text.match(WORDS) ?? [];
  const first = found[0] ?? "";
  const last = found.at(-1) ?? "";
  const before = isUnspaced(first) ? "" : NO_WORD_BEFORE;
  const after = phrase && !isUnspaced(last) ? NO_WORD_AFTER : "";
  return new RegExp(before + found.join(BETWEEN_WORDS) + after, "gv");
}

export interface Folded {
  text: string;
  /** For each code unit of `text`, where it comes from. Absent when that is the same place. */
  origins?: number[];
}

/** Text without case and diacritics. */
export function fold(text: string): Folded {
  if (!/[^\0-\x7f]/.test(text)) return { text: text.toLowerCase() };
  const origins: number[] = [];
  let folded = "";
  let origin = 0;
  for (const character of text) {
    const plain = character <= "\x7f" ? character.toLowerCase() : foldCharacter(character);
    for (let unit = 0; unit < plain.length; unit += 1) origins.push(origin);
    folded += plain;
    origin += character.length;
  }
  return { text: folded, origins };
}

const MAX_REMEMBERED = 5_000;
const remembered = new Map<string, string>();

function foldCharacter(character: string): string {
  const known = remembered.get(character);
  if (known !== undefined) return known;
  const plain = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  if (remembered.size < MAX_REMEMBERED) remembered.set(character, plain);
  return plain;
}

function isUnspaced(word: string): boolean {
  return new RegExp(`^[${UNSPACED}]`, "v").test(word);
}
