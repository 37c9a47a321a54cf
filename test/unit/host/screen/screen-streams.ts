/** Random terminal output for property tests: everything the emulator understands, reproducible from a seed. */

export interface Random {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
}

export function randomFrom(seed: number): Random {
  let state = (seed * 2654435761) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
    chance: (probability) => next() < probability,
  };
}

type Operation = (random: Random, cols: number, rows: number) => string;

const TEXT = "The quick brown fox jumps over the lazy dog; 0123456789 [](){}#@";
const CLUSTERS = ["世", "界", "😀", "👍🏽", "👨‍👩‍👧", "🇩🇪", "e\u0301", "a\u0308\u0323", "한", "नि", "─", "█", "é", "→"];

const text: Operation = (random, cols) => {
  let out = "";
  const length = random.below(Math.ceil(cols * 1.6)) + 1;
  for (let index = 0; index < length; index++)
    out += random.chance(0.2) ? random.pick(CLUSTERS) : TEXT[random.below(TEXT.length)];
  return out;
};

const colour = (random: Random, base: number): string =>
  random.pick([
    `${base + random.below(8)}`,
    `${base + 60 + random.below(8)}`,
    `${base + 8};5;${random.below(256)}`,
    `${base + 8};2;${random.below(256)};${random.below(256)};${random.below(256)}`,
    `${base + 9}`,
  ]);

const sgr: Operation = (random) => {
  const codes = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "8",
    "9",
    "21",
    "22",
    "23",
    "24",
    "25",
    "27",
    "28",
    "29",
    "53",
    "55",
  ];
  const styled = ["4:2", "4:3", "4:4", "4:5", "58:5:9", "58:2::1:2:3", "58;5;200", "59"];
  const count = random.below(3) + 1;
  const parts = Array.from({ length: count }, () =>
    random.chance(0.5) ? colour(random, random.pick([30, 40])) : random.pick(random.chance(0.3) ? styled : codes),
  );
  return `\x1b[${parts.join(";")}m`;
};

const move: Operation = (random, cols, rows) => {
  const count = random.below(6);
  return random.pick([
    `\x1b[${random.below(rows) + 1};${random.below(cols) + 1}H`,
    `\x1b[${count}${random.pick(["A", "B", "C", "D", "E", "F", "I", "Z", "a", "e"])}`,
    `\x1b[${random.below(cols) + 1}G`,
    `\x1b[${cols}G`,
    `\x1b[${random.below(rows) + 1}d`,
    "\r",
    "\b",
    "\t",
    "\x1bM",
    "\x1bD",
    "\x1bE",
  ]);
};

const line: Operation = (random) => random.pick(["\r\n", "\r\n", "\n", "\r\n\r\n"]);

const edit: Operation = (random) =>
  random.pick([
    `\x1b[${random.below(3)}J`,
    `\x1b[${random.below(3)}K`,
    `\x1b[${random.below(5)}${random.pick(["X", "@", "P", "L", "M", "S", "T"])}`,
    `\x1b[${random.below(3) + 1}b`,
    random.chance(0.1) ? "\x1b[3J" : "\x1b[K",
    random.chance(0.1) ? "\x1b#8" : "\x1b[1X",
    `\x1b[${random.below(2) + 1}${random.pick(["'}", "'~", " @", " A"])}`,
  ]);

const region: Operation = (random, _cols, rows) =>
  random.chance(0.5) ? "\x1b[r" : `\x1b[${random.below(rows) + 1};${random.below(rows) + 1}r`;

const MODES = [1, 5, 6, 7, 12, 25, 45, 9, 1000, 1002, 1003, 1004, 1006, 1007, 1015, 1016, 2004, 2026, 2031, 66];

const mode: Operation = (random) => {
  const which = random.below(10);
  if (which === 0) return random.pick(["\x1b[4h", "\x1b[4l", "\x1b[4l"]);
  if (which === 1) return random.pick(["\x1b[20h", "\x1b[20l", "\x1b[20l"]);
  if (which === 2) return random.pick(["\x1b=", "\x1b>"]);
  if (which === 3) return `\x1b[${random.below(7)} q`;
  const number = random.pick(MODES);
  // Few streams should lose their wrapping for long.
  return `\x1b[?${number}${random.chance(number === 7 ? 0.8 : 0.5) ? "h" : "l"}`;
};

const keyboard: Operation = (random) =>
  random.pick([
    `\x1b[>${random.below(31)}u`,
    `\x1b[>${random.below(31)}u`,
    `\x1b[<${random.below(3)}u`,
    `\x1b[=${random.below(31)};${random.below(3) + 1}u`,
    `\x1b[>4;${random.below(3)}m`,
    "\x1b[>4m",
  ]);

const cursor: Operation = (random) => random.pick(["\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1048h", "\x1b[?1048l"]);

/** What was left on the alternate screen for a later visit (saved cursor, keyboard flags) is not restored. */
const ENTERED = "\x1b[<9u\x1b7";

const alternate: Operation = (random) => {
  const mode = random.pick([1049, 1049, 1049, 47, 1047]);
  return random.chance(0.5) ? `\x1b[?${mode}h${ENTERED}` : `\x1b[?${mode}l`;
};

const charset: Operation = (random) =>
  random.pick([
    "\x1b(0",
    "\x1b(B",
    "\x1b)0",
    "\x1b)B",
    "\x0e",
    "\x0f",
    "\x1b(A",
    "\x1b*0",
    "\x1bn",
    "\x1b(B\x0f",
    "\x1b(B\x0f",
  ]);

const tabs: Operation = (random) => random.pick(["\x1bH", "\x1b[g", random.chance(0.2) ? "\x1b[3g" : "\x1bH", "\t"]);

const string: Operation = (random) =>
  random.pick([
    `\x1b]2;title ${random.below(100)} é\x07`,
    `\x1b]0;title ${random.below(100)}\x1b\\`,
    `\x1b]8;;https://example.org/${random.below(9)}\x1b\\link\x1b]8;;\x1b\\`,
    `\x1b]11;#${String(100000 + random.below(800000))}\x07`,
    "\x1b]111\x07",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b_ignored\x1b\\",
    "\x1bP1;2|ignored\x1b\\",
    // The stack of titles is the terminal's own; it is not restored.
    "\x1b[22t\x1b]2;inner\x07\x1b[23t",
  ]);

const odd: Operation = (random) =>
  random.pick(["\u0301", "\u200d", "\x07", "\x00", "\x1b[?9999h", "\x1b[1;2;3z", "\x18", "\ufffd"]);

const reset: Operation = (random) => (random.chance(0.3) ? "\x1bc" : "\x1b[!p");

const OPERATIONS: readonly (readonly [number, Operation])[] = [
  [30, text],
  [16, line],
  [12, sgr],
  [12, move],
  [8, edit],
  [2, region],
  [4, mode],
  [2, keyboard],
  [2, cursor],
  [1.5, alternate],
  [1.5, charset],
  [1, tabs],
  [1, string],
  [0.7, odd],
  [0.2, reset],
];
const TOTAL = OPERATIONS.reduce((sum, [weight]) => sum + weight, 0);

/** So many random operations as bytes, a few of them not valid UTF-8. */
export function randomOutput(random: Random, operations: number, size: { cols: number; rows: number }): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index < operations; index++) {
    let at = (random.below(1_000_000) / 1_000_000) * TOTAL;
    const chosen = OPERATIONS.find(([weight]) => (at -= weight) < 0) ?? OPERATIONS[0];
    parts.push(Buffer.from(chosen?.[1](random, size.cols, size.rows) ?? ""));
    if (random.chance(0.005)) parts.push(Buffer.from([random.pick([0xff, 0xc3, 0xe4, 0xf0, 0x80])]));
  }
  return Buffer.concat(parts);
}

/** The bytes in pieces of random lengths, as a PTY would give them. */
export function randomChunks(random: Random, bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = random.below(60) + 1;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
