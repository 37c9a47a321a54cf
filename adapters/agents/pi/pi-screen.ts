/**
 * Lines that mark where another pi begins on a terminal: the head that it prints unless its startup is quiet (0.73.1 to
 * 1.5.2), and the line that one before it printed at its end (from 0.87.1). Escaped, because a pattern goes into the
 * bundle as it is, and one character outside Latin-1 makes Node keep the whole program in twice the memory.
 */
const MARKS = /^(?: *(?:pi|\u2580\u2580\u2588) +v\d+\.\d+\.\d+|To resume this session: pi --session \S+) *$/gm;

/** What follows the last such line; undefined when there is none, because it has scrolled away or was never printed. */
export function textSinceStart(screen: string): string | undefined {
  const last = [...screen.matchAll(MARKS)].at(-1);
  return last && screen.slice(last.index + last[0].length);
}
