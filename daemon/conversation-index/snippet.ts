import { plainText, withoutEscapeSequences } from "../../runtime/sanitise.ts";
import { fold } from "./query.ts";

/** How much is shown before and from the first word that was found, in UTF-16 code units. */
const CONTEXT_BEFORE = 50;
const CONTEXT_FROM = 150;
/** More places in one text change nothing about which of them is shown. */
const MAX_PLACES = 200;
/** Longer text is looked at up to here. */
const MAX_TEXT = 512 * 1024;
const ELLIPSIS = "…";

export interface Snippet {
  /** One line of plain text. */
  snippet: string;
  /** Places in it, as [start, end), in order, apart from each other. */
  matches: [number, number][];
  /** How many of the terms the whole text has. */
  terms: number;
}

type Place = readonly [start: number, end: number, term: number];

/** The part of a text that shows most of what was looked for, the first such one; undefined when none of it is there. */
export function snippetOf(text: string, patterns: readonly RegExp[]): Snippet | undefined {
  const looked = withoutEscapeSequences(text.slice(0, MAX_TEXT));
  const places = placesIn(looked, patterns);
  if (places.length === 0) return undefined;
  const [start] = bestOf(places);
  const from = wordStart(looked, start - CONTEXT_BEFORE);
  const to = wordEnd(looked, start + CONTEXT_FROM);
  const cut = plainText(looked.slice(from, to));
  const line = (from > 0 ? ELLIPSIS : "") + cut + (to < looked.length ? ELLIPSIS : "");
  const matches = apart(placesIn(line, patterns));
  return { snippet: line, matches, terms: new Set(places.map(([, , term]) => term)).size };
}

function placesIn(text: string, patterns: readonly RegExp[]): Place[] {
  const folded = fold(text);
  const origin = (at: number) => folded.origins?.[at] ?? (at < folded.text.length ? at : text.length);
  const places = patterns.flatMap((pattern, term) =>
    firstMatches(folded.text, pattern).map(({ index, 0: found }): Place => {
      return [origin(index), origin(index + found.length), term];
    }),
  );
  return places.sort(([left], [right]) => left - right);
}

function firstMatches(text: string, pattern: RegExp): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "" || matches.push(match) === MAX_PLACES) break;
  }
  return matches;
}

/** The place from which most terms are seen. */
function bestOf(places: readonly Place[]): Place {
  let best = places[0] as Place;
  let most = 0;
  for (const [index, place] of places.entries()) {
    const seen = new Set<number>();
    for (let next = index; next < places.length; next += 1) {
      const [start, , term] = places[next] as Place;
      if (start > place[0] + CONTEXT_FROM - CONTEXT_BEFORE) break;
      seen.add(term);
    }
    if (seen.size > most) [best, most] = [place, seen.size];
  }
  return best;
}

/** The beginning of a word at or behind `at`, unless that is far. */
function wordStart(text: string, at: number): number {
  if (at <= 0) return 0;
  const space = text.slice(at, at + CONTEXT_BEFORE / 2).search(/\s/);
  return space === -1 ? at : at + space + 1;
}

function wordEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const space = text.slice(at - CONTEXT_BEFORE / 2, at).search(/\s\S*$/);
  return space === -1 ? at : at - CONTEXT_BEFORE / 2 + space;
}

/** Places joined where they touch. */
function apart(places: readonly Place[]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [start, end] of places) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
