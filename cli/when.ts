import { clockTime } from "../runtime/clock-time.ts";
import { age } from "../runtime/short-forms.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** A moment for a person: `3h ago`; of what is older than a week also the date. */
export function when(at: number, now: number): string {
  const ago = `${age(now - at)} ago`;
  return now - at < WEEK_MS ? ago : `${ago}, ${clockTime(at, now)}`;
}
