import { age } from "../runtime/short-forms.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** A moment for a person: `3h ago`; of what is older than a week also the day, in local time. */
export function when(at: number, now: number): string {
  const ago = `${age(now - at)} ago`;
  return now - at < WEEK_MS ? ago : `${ago}, ${dayOf(new Date(at))}`;
}

function dayOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
