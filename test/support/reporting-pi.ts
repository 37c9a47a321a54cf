import { execFile } from "node:child_process";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProgramStatus } from "../../host/program-status.ts";
import type { TemporaryWorld } from "./temporary-world.ts";

/**
 * A program called pi that tells its terminal (OSC 7501) to be in the state that a test wants, watched or not. Each
 * runs in a folder of its own, which is where it is told.
 */
export class ReportingPi {
  /** Run this as pi. */
  readonly program: string;
  readonly #fifo: string;

  private constructor(program: string, fifo: string) {
    this.program = program;
    this.#fifo = fifo;
  }

  static async create(world: TemporaryWorld, name: string): Promise<ReportingPi> {
    const folder = join(world.work, name);
    await mkdir(folder);
    const [program, fifo] = [join(folder, "pi"), join(folder, "states")];
    await promisify(execFile)("mkfifo", [fifo]);
    await writeFile(program, SCRIPT, { mode: 0o755 });
    return new ReportingPi(program, fifo);
  }

  async is(state: ProgramStatus["state"]): Promise<void> {
    await appendFile(this.#fifo, `${state}\n`);
  }
}

const SCRIPT = `#!/bin/sh
exec 3<>"\${0%/*}/states"
echo "this is pi"
while read -r state <&3; do printf '\\033]7501;state=%s:app=pi\\033\\\\' "$state"; done
`;
