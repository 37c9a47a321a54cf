/** `~/project` for a path in the home directory. */
export function shortenHome(path: string, home: string | undefined): string {
  if (!home || home === "/") return path;
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From so many seconds on, a duration is told in a unit of so many. */
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

/** The milliseconds that `age` tells as this text; undefined for any other text. Pure. */
export function durationOf(text: string): number | undefined {
  const [, count, named] = /^(\d{1,6})([a-z]+)$/.exec(text) ?? [];
  const unit = UNITS.find(([, , name]) => name === named);
  return unit && Number(count) * unit[1] * 1000;
}

/** A word for sh, bash and zsh, in quotes. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command as one types it: only words with anything special in them are quoted. */
export function shellCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(" ");
}
