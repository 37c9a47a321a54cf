import { join } from "node:path";
import { execa } from "execa";
import type { TemporaryWorld } from "./temporary-world.ts";
import { Terminal } from "./terminal.ts";

/** The built command, as it is published. */
export const PISYNC = join(import.meta.dirname, "..", "..", "dist", "pisync.js");

export interface Finished {
  stdout: string;
  stderr: string;
  /** Undefined when a signal ended it. */
  exitCode: number | undefined;
}

interface RunOptions {
  cwd?: string;
  /** Added to the world's environment. */
  env?: Record<string, string>;
  input?: string | Uint8Array;
  deadlineMs?: number;
}

/** Runs `pisync ARGS` in the world, without a terminal. Never rejects because of an exit code. */
export async function pisync(world: TemporaryWorld, args: string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd = world.work, env = {}, input, deadlineMs = 60_000 } = options;
  const { stdout, stderr, exitCode, timedOut } = await execa(process.execPath, [PISYNC, ...args], {
    cwd,
    env: { ...world.env, ...env },
    extendEnv: false,
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    reject: false,
    timeout: deadlineMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (timedOut) throw new Error(`pisync ${args.join(" ")} did not end in ${deadlineMs} ms\n${stdout}\n${stderr}`);
  return { stdout, stderr, exitCode };
}

/** Runs `pisync ARGS` in a terminal of its own. Close it before the world is disposed. */
export function pisyncTerminal(
  world: TemporaryWorld,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; cols?: number; rows?: number } = {},
): Terminal {
  const { cwd = world.work, env = {}, ...size } = options;
  return new Terminal({ argv: [process.execPath, PISYNC, ...args], cwd, env: { ...world.env, ...env }, ...size });
}
