import type { ErrorCode } from "../protocol/errors.ts";
import { cellWidth } from "../runtime/cell-width.ts";
import { PisyncError } from "../runtime/failure.ts";
import { errorText, plainText } from "../runtime/sanitise.ts";

export const EXIT = { done: 0, failed: 1, usage: 2, target: 3, timedOut: 4, runFailed: 5, interrupted: 6 } as const;

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  usage: EXIT.usage,
  "no-such-target": EXIT.target,
  "ambiguous-target": EXIT.target,
  "no-live-session": EXIT.target,
  "not-live": EXIT.target,
  "timed-out": EXIT.timedOut,
};

/** The exit code of a refusal; docs/cli.md lists them. */
export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code] ?? EXIT.failed;
}

/** Writes a line of the result to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line about the work, which is no result, to standard error. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Says on standard error what is wrong and what to do about it, and returns the exit code for it. */
export function reportFailure(error: unknown): number {
  // Imported, it would cost every command that fails in nothing 3 ms.
  const { styleText } = process.getBuiltinModule("node:util");
  const name = styleText("red", "pisync:", { stream: process.stderr });
  if (!(error instanceof PisyncError)) {
    note(`${name} ${errorText(error)}`);
    note("  This is a defect in pisync. Run pisync doctor, and report what it prints with this message.");
    return EXIT.failed;
  }
  const [sentence = "", ...items] = error.message.split("\n");
  note(`${name} ${plainText(sentence)}`);
  for (const item of items) note(`    ${fitted(item.split("  "), process.stderr.columns - 4)}`);
  if (error.next !== undefined) note(`  ${plainText(error.next)}`);
  return exitCodeOf(error.code);
}

/** Columns of an item on one row of a terminal: the longest gives way. Pure. */
export function fitted(columns: readonly string[], cells: number): string {
  const parts = columns.map((part) => plainText(part));
  const line = parts.join("  ");
  const longest = parts.reduce((most, part) => (cellWidth(part) > cellWidth(most) ? part : most), "");
  const room = cells - cellWidth(line) + cellWidth(longest);
  if (!(cellWidth(line) > cells) || room < LEAST_COLUMN) return line;
  return parts.map((part) => (part === longest ? plainText(part, { maxCells: room }) : part)).join("  ");
}

const LEAST_COLUMN = 10;

/** Work that takes longer than this says so, in milliseconds. */
export const PATIENCE_MS = 1_000;
const USUAL_COLUMNS = 80;

/** Waits for the work; once it takes over a second, standard error says what is being waited for. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const line = new ProgressLine();
  const timer = setTimeout(() => line.show(what), PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    line.clear();
  }
}

/**
 * One line on standard error about what goes on, replaced by the next and gone at the end. What is not a terminal
 * gets the first of them.
 */
export class ProgressLine {
  #shown = "";

  show(what: string): void {
    const { isTTY, columns } = process.stderr;
    const text = plainText(`${what} …`, { maxCells: columns > 1 ? columns - 1 : USUAL_COLUMNS });
    if (text === this.#shown) return;
    if (isTTY) process.stderr.write(`\r\x1b[K${text}`);
    else if (this.#shown === "") process.stderr.write(`${text}\n`);
    this.#shown = text;
  }

  clear(): void {
    if (this.#shown !== "" && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    this.#shown = "";
  }
}

/** A reader that goes away (`pisync list | head -1`) has what it wanted. */
export function endQuietlyWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(EXIT.done);
    });
  }
}

/** Ends the process once everything printed has been taken. */
export function exitWhenWritten(code: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}
