import { constants } from "node:os";
import { passHangup } from "../runtime/terminal-hangup.ts";
import { note } from "./output.ts";

const LEAVING_SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Escape, ctrl-c, ctrl-d and ctrl-\: what one presses to get out. */
const LEAVING_KEYS = ["\x1b", "\x03", "\x04", "\x1c"];

/** Keys that send several characters: cursor and function keys, and those pressed with alt. Else one character. */
const KEYS = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b[^]|[^]/g;

/**
 * Asks on standard error, and waits for one of these keys on standard input, which has to be a terminal: without Enter
 * and without an echo. Undefined when the answer was to leave, or the terminal is gone. The terminal is as it was
 * before, on every way out of the process.
 */
export async function askKey<K extends string>(question: string, keys: readonly K[]): Promise<K | undefined> {
  const { stdin } = process;
  const { promise, resolve } = Promise.withResolvers<K | undefined>();
  const restore = () => void stdin.setRawMode(false);
  const onData = (bytes: Buffer) => {
    for (const typed of bytes.toString().match(KEYS) ?? []) {
      const key = keys.find((known) => known === typed.toLowerCase());
      if (key !== undefined || LEAVING_KEYS.includes(typed)) resolve(key);
    }
  };
  const onEnd = () => resolve(undefined);
  const onSignal = (signal: NodeJS.Signals) => {
    passHangup(signal);
    process.exit(128 + constants.signals[signal]);
  };
  process.on("exit", restore);
  for (const signal of LEAVING_SIGNALS) process.on(signal, onSignal);
  stdin.on("data", onData).on("end", onEnd).on("error", onEnd);
  stdin.setRawMode(true).resume();
  try {
    // Now that every key is taken as an answer, ctrl-c too.
    note(question);
    return await promise;
  } finally {
    stdin.pause();
    stdin.off("data", onData).off("end", onEnd).off("error", onEnd);
    for (const signal of LEAVING_SIGNALS) process.off(signal, onSignal);
    process.off("exit", restore);
    restore();
  }
}
