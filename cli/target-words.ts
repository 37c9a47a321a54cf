import { PisyncError } from "../runtime/failure.ts";
import type { TargetFilters } from "./target.ts";

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
  const { pid, cwd, session, name, socket } = filters;
  const filtered = [pid, cwd, session, name, socket].some((value) => value !== undefined);
  if (words.length === count) return { target: undefined, rest: [...words] };
  if (words.length === count + 1 && !filtered) return { target: words[0], rest: words.slice(1) };
  throw new PisyncError("usage", `There are ${words.length < count ? "too few" : "too many"} words.`, { next });
}
