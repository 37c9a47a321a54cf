import { PisyncError } from "../runtime/failure.ts";
import type { TargetFilters } from "./target.ts";

/**
 * Splits `[TARGET...] WORD`. With a filter there is no target. Pure.
 * @throws PisyncError `usage`, with `next`, when the word is missing, or there is a target in spite of a filter.
 */
export function wordBehindTargets(
  words: readonly string[],
  filters: TargetFilters,
  next: string,
): { targets: string[]; word: string } {
  const word = words.at(-1);
  const targets = words.slice(0, -1);
  if (word === undefined) throw new PisyncError("usage", "There are too few words.", { next });
  if (targets.length > 0 && hasFilter(filters)) throw new PisyncError("usage", "There are too many words.", { next });
  return { targets, word };
}

/**
 * Splits `[TARGET] ONE TWO…` of a command that takes a fixed number of further words. With a filter there is no
 * target. Pure.
 * @throws PisyncError `usage`, with `next`, when there are too few or too many words.
 */
export function wordsBehindTarget(
  words: readonly string[],
  filters: TargetFilters,
  { count, next }: { count: number; next: string },
): { target: string | undefined; rest: string[] } {
  if (words.length === count) return { target: undefined, rest: [...words] };
  if (words.length === count + 1 && !hasFilter(filters)) return { target: words[0], rest: words.slice(1) };
  throw new PisyncError("usage", `There are ${words.length < count ? "too few" : "too many"} words.`, { next });
}

function hasFilter({ pid, cwd, session, name, socket }: TargetFilters): boolean {
  return [pid, cwd, session, name, socket].some((value) => value !== undefined);
}
