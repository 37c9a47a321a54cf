/** Farther away, a word was not meant: commander's measures, for its own suggestions. */
const MAX_DISTANCE = 3;
const MIN_LIKENESS = 0.4;

/** The known word that was probably meant by another one; undefined when none is near. Pure. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => {
      return distance <= MAX_DISTANCE && 1 - distance / Math.max(word.length, candidate.length) > MIN_LIKENESS;
    });
  return near.toSorted((left, right) => left.distance - right.distance)[0]?.candidate;
}

/** Levenshtein's, ignoring case. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, character] of [...left.toLowerCase()].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (row[column - 1] ?? 0) + (character === right[column - 1]?.toLowerCase() ? 0 : 1);
      next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
