const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From so many seconds on a duration is told in this unit. */
const UNITS = [
  [0, 1, "s"],
  [MINUTE, MINUTE, "m"],
  [HOUR, HOUR, "h"],
  [DAY, DAY, "d"],
  [14 * DAY, 7 * DAY, "w"],
  [60 * DAY, 30 * DAY, "mo"],
  [730 * DAY, 365 * DAY, "y"],
] as const;

/** A duration as one number and unit: 5s, 3m, 2h, 4d, 3w, 5mo, 2y. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [, size, unit] = UNITS.findLast(([from]) => seconds >= from) ?? UNITS[0];
  return `${Math.floor(seconds / size)}${unit}`;
}

const WEEK_MS = 7 * DAY * 1_000;

/** A moment for a person: `3h ago`; of what is older than a week also the day, in local time. */
export function when(at: number, now: number): string {
  const ago = `${age(now - at)} ago`;
  return now - at < WEEK_MS ? ago : `${ago}, ${dayOf(new Date(at))}`;
}

function dayOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
