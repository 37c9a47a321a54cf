import type { ProcessIdentity } from "../../protocol/ids.ts";

/** What a look at one process shows. */
export interface ProcessDetails {
  process: ProcessIdentity;
  /** Milliseconds since the epoch, within some 20 ms (macOS: a second). */
  startedAt: number;
  /** Pids of its parent, the parent's parent and so on, at most 16. */
  ancestors: readonly number[];
  /** It runs the same program as its parent, as between fork(2) and exec(2); undefined where that cannot be told. */
  sharesProgram: boolean | undefined;
  /** The pid of the process that leads its terminal's session. */
  leader: number;
  /** The device of its controlling terminal when both its standard input and its standard output are that. */
  tty: string | undefined;
  /** It is of the group that its terminal reads from. */
  foreground: boolean;
  /** Stopped by a signal, as Ctrl-Z does. */
  stopped: boolean;
  /** Absolute, without symbolic links. */
  cwd: string;
  /** As far as it has not overwritten them: a program that sets its title has. */
  argv: readonly string[];
  /** Those of the variables asked for that it was started with. */
  environment: Readonly<Record<string, string>>;
}

/** The operating system's table of processes, for those that call themselves by one name. */
export interface ProcessTable {
  /**
   * Pids of processes with that name. A look that is not thorough sees new processes, and an old one that
   * has changed its name within sixteen looks.
   */
  pids(options: { thorough: boolean }): Promise<readonly number[]>;
  /** Undefined for a process that is gone, is somebody else's or cannot be looked into. */
  details(pid: number, variables: readonly string[]): Promise<ProcessDetails | undefined>;
}

/** The most ancestors that are looked at: wrappers around a program are few. */
export const MAX_ANCESTORS = 16;

/** The value of each variable that `read` finds. */
export function environmentOf(
  variables: readonly string[],
  read: (variable: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap((variable) => {
      const value = read(variable);
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}
