import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

/**
 * Makes a process late, to find what is only right as long as it is quick: preloaded into every Node process of a
 * world when `TEST_LATE` is set (docs/testing.md). One in four stays as it is; of the others each has its start, what
 * it writes to sockets, its calls of the file system and, of half of them, its whole thread held up at random. The
 * order of what one process writes to one socket stays.
 */

/** At most about so late, in milliseconds. */
const LEVELS = [0, 5, 40, 40] as const;
const FILE_CALLS = [
  "access",
  "lstat",
  "mkdir",
  "open",
  "readdir",
  "readFile",
  "rename",
  "rm",
  "stat",
  "writeFile",
] as const;

const level = LEVELS[Math.floor(Math.random() * LEVELS.length)] ?? 0;

function lateness(): number {
  return Math.random() * (Math.random() < 0.3 ? level * 2 : level / 4);
}

function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

type Call = (...args: unknown[]) => unknown;

/** Of a method of objects that may be closed before a held-up call is made: that makes it at once. */
function delayWrites(): void {
  const prototype = Socket.prototype as unknown as Record<"_write" | "_writev" | "_destroy", Call>;
  const held = new Map<unknown, () => void>();
  const release = (socket: unknown) => {
    const call = held.get(socket);
    held.delete(socket);
    call?.();
  };
  for (const name of ["_write", "_writev"] as const) {
    const write = prototype[name];
    prototype[name] = function (this: { isTTY?: boolean; _handle?: { fd?: number } }, ...args) {
      // What goes to a terminal or the standard output is written at once, and may be followed by a writeSync.
      if (this.isTTY || (this._handle?.fd ?? Infinity) <= 2) return write.apply(this, args);
      const timer = setTimeout(() => release(this), lateness());
      held.set(this, () => {
        clearTimeout(timer);
        write.apply(this, args);
      });
      return undefined;
    };
  }
  const destroy = prototype._destroy;
  prototype._destroy = function (...args) {
    release(this);
    return destroy.apply(this, args);
  };
  process.on("exit", () => {
    for (const socket of [...held.keys()]) release(socket);
  });
}

function delayFileCalls(): void {
  const calls = promises as unknown as Record<string, Call>;
  for (const name of FILE_CALLS) {
    const call = calls[name] as Call;
    calls[name] = async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, lateness()));
      return call(...args);
    };
  }
  syncBuiltinESMExports();
}

function stall(): void {
  holdUp(Math.random() * level * 5);
  setTimeout(stall, Math.random() * 1_500).unref();
}

if (level > 0) {
  holdUp(Math.random() * level * 5);
  delayWrites();
  delayFileCalls();
  if (Math.random() < 0.5) setTimeout(stall, Math.random() * 1_000).unref();
}
