import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { plainText } from "./sanitise.ts";

const MAX_BYTES = 1024 * 1024;
const MAX_FACT_CELLS = 1_000;

/** Values behind an event; text in them is made plain. Never environment values. */
export type LogFacts = Record<string, string | number | boolean | undefined>;

export interface Log {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
  close(): void;
}

/**
 * Opens a log of JSON lines; after 1 MiB it becomes `<file>.1`, replacing the one before. It never throws: what
 * cannot be written (a full disk) is dropped, and the next line that can be written says how many were.
 */
export function openLog(file: string): Log {
  const state: LogState = { file, descriptor: undefined, dropped: 0 };
  const at = (level: string) => (event: string, facts?: LogFacts) => append(state, level, event, facts);
  return { info: at("info"), warn: at("warn"), error: at("error"), close: () => closeFile(state) };
}

interface LogState {
  readonly file: string;
  descriptor: number | undefined;
  dropped: number;
}

function append(state: LogState, level: string, event: string, facts: LogFacts = {}): void {
  const line = Buffer.from(
    `${JSON.stringify({
      at: new Date().toISOString(),
      level,
      event,
      ...plainFacts(facts),
      ...(state.dropped === 0 ? {} : { droppedBefore: state.dropped }),
    })}\n`,
  );
  try {
    rotateWhenFull(state, line.length);
    state.descriptor ??= openFile(state.file);
    // A part of a line is as good as none.
    if (writeSync(state.descriptor, line) !== line.length) throw new Error("the line was cut");
    state.dropped = 0;
  } catch {
    state.dropped += 1;
    closeFile(state);
  }
}

function plainFacts(facts: LogFacts): LogFacts {
  const plain: LogFacts = {};
  for (const [name, value] of Object.entries(facts)) {
    plain[name] = typeof value === "string" ? plainText(value, { maxCells: MAX_FACT_CELLS }) : value;
  }
  return plain;
}

function rotateWhenFull(state: LogState, coming: number): void {
  state.descriptor ??= openFile(state.file);
  const stats = fstatSync(state.descriptor);
  if (!stats.isFile() || stats.size === 0 || stats.size + coming <= MAX_BYTES) return;
  closeFile(state);
  renameSync(state.file, `${state.file}.1`);
}

function openFile(file: string): number {
  return openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
}

function closeFile(state: LogState): void {
  if (state.descriptor === undefined) return;
  const descriptor = state.descriptor;
  state.descriptor = undefined;
  try {
    closeSync(descriptor);
  } catch {
    // A log that cannot be closed properly is still closed.
  }
}
