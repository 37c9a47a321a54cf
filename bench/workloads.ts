import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { SIZE } from "./contenders.ts";

/** What the real pi 0.87.1 wrote to a terminal of SIZE; bench/record-pi.ts made it. */
export const RECORDING = join(import.meta.dirname, "recordings", "pi.bin");

/** Output that is repeated until a flood is as long as it should be. */
export interface Workload {
  readonly name: string;
  readonly block: Buffer;
}

const BLOCK_BYTES = 1024 * 1024;
const WORDS = "session host view mirror prompt agent the of a to status lease screen value return function".split(" ");

export async function workloads(): Promise<Workload[]> {
  const random = generator(20_000);
  return [
    { name: "plain", block: block((at) => `${at} ${sentence(random, 10 + (at % 9))}\r\n`) },
    { name: "colour", block: block((at) => `${at} ${colouredSentence(random, 8 + (at % 5))}\x1b[m\r\n`) },
    { name: "tui", block: block((at) => frame(random, at)) },
    { name: "pi", block: await readFile(RECORDING) },
  ];
}

/** Writes the workload to a file, whole blocks, until it has at least so many bytes; returns how many it has. */
export async function writeFlood({ block }: Workload, path: string, bytes: number): Promise<number> {
  const file = createWriteStream(path);
  const blocks = Math.ceil(bytes / block.length);
  for (let at = 0; at < blocks; at++) {
    if (!file.write(block)) await once(file, "drain");
  }
  file.end();
  await finished(file);
  return blocks * block.length;
}

function block(piece: (at: number) => string): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (let at = 0; bytes < BLOCK_BYTES; at++) {
    const next = Buffer.from(piece(at));
    pieces.push(next);
    bytes += next.length;
  }
  return Buffer.concat(pieces);
}

/** Every word in one of 256 colours, some bold or underlined: a test run, `ls --color`, a diff. */
function colouredSentence(random: () => number, words: number): string {
  const coloured = Array.from({ length: words }, () => {
    const style = random() < 0.2 ? "1;" : random() < 0.1 ? "4;" : "";
    return `\x1b[${style}38;5;${Math.floor(random() * 256)}m${word(random)}\x1b[0m`;
  });
  return coloured.join(" ");
}

function sentence(random: () => number, words: number): string {
  return Array.from({ length: words }, () => word(random)).join(" ");
}

function word(random: () => number): string {
  return WORDS[Math.floor(random() * WORDS.length)] ?? "";
}

/** One redraw of a full-screen program: every row addressed, cleared and drawn in true colour, synchronised. */
function frame(random: () => number, at: number): string {
  const rows = Array.from({ length: SIZE.rows }, (_, row) => {
    const colour = `${(row * 6) % 256};${(at * 3) % 256};${Math.floor(random() * 256)}`;
    return `\x1b[${row + 1};1H\x1b[2K\x1b[38;2;${colour}m│ ${row}.${at} ${sentence(random, 12)}\x1b[0m`;
  });
  return `\x1b[?2026h\x1b[?25l${rows.join("")}\x1b[${(at % SIZE.rows) + 1};10H\x1b[?25h\x1b[?2026l`;
}

/** Numbers from 0 to 1, the same in every run (Park and Miller's generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
