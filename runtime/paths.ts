import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { SessionId } from "../protocol/ids.ts";
import { PisyncError } from "./failure.ts";
import { nodeCrypto } from "./node-crypto.ts";

/** Longest path that a unix socket can be bound to on every supported system (macOS: 104 with the final NUL). */
export const MAX_SOCKET_PATH_BYTES = 103;

/**
 * The temporary folder for sockets whose usual path is too long. Not `$TMPDIR`: that differs between the
 * terminals of one user (nix-shell, ssh, cron), and every process has to find the same sockets.
 */
const TEMPORARY_DIRECTORY = "/tmp";

const LONGEST_SOCKET_NAME = "zzzzzzzz-1000000.sock";

/** Where everything lives, all absolute. Pure: nothing is touched. */
export interface StatePaths {
  readonly stateDirectory: string;
  /** Holds the sockets; outside the state directory when a path in it would be too long for one. */
  readonly runDirectory: string;
  readonly sessionsDirectory: string;
  readonly leasesDirectory: string;
  readonly logsDirectory: string;
  readonly daemonSocket: string;
  sessionDirectory(id: SessionId): string;
  sessionRecord(id: SessionId): string;
  promptsDirectory(id: SessionId): string;
  hostSocket(id: SessionId, generation: number): string;
  logFile(name: string): string;
}

/**
 * Derives the layout from `PISYNC_STATE_DIR`, else `${XDG_STATE_HOME:-~/.local/state}/pisync`. Never
 * `$XDG_RUNTIME_DIR`: it vanishes at logout, and sessions outlive that.
 * @throws PisyncError `usage` when `PISYNC_STATE_DIR` is relative: each directory would have sessions of its own.
 */
export function statePaths(env: NodeJS.ProcessEnv = process.env): StatePaths {
  const chosen = env.PISYNC_STATE_DIR;
  if (chosen && !isAbsolute(chosen)) throw relativeStateDirectory(chosen);
  const stateDirectory = chosen
    ? resolve(chosen)
    : join(baseDirectory(env.XDG_STATE_HOME, env, ".local/state"), "pisync");
  const runDirectory = runDirectoryOf(stateDirectory);
  const sessionsDirectory = join(stateDirectory, "sessions");
  const logsDirectory = join(stateDirectory, "logs");
  return {
    stateDirectory,
    runDirectory,
    sessionsDirectory,
    leasesDirectory: join(stateDirectory, "leases"),
    logsDirectory,
    daemonSocket: join(runDirectory, "daemon.sock"),
    sessionDirectory: (id) => join(sessionsDirectory, id),
    sessionRecord: (id) => join(sessionsDirectory, id, "session.json"),
    promptsDirectory: (id) => join(sessionsDirectory, id, "prompts"),
    hostSocket: (id, generation) => join(runDirectory, `${id}-${generation}.sock`),
    logFile: (name) => join(logsDirectory, `${name}.log`),
  };
}

/** `${XDG_CONFIG_HOME:-~/.config}/pisync/config.json`. */
export function configFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(baseDirectory(env.XDG_CONFIG_HOME, env, ".config"), "pisync", "config.json");
}

/** The XDG base directory specification has relative values ignored. */
function baseDirectory(value: string | undefined, env: NodeJS.ProcessEnv, fallback: string): string {
  return value && isAbsolute(value) ? value : join(env.HOME || homedir(), fallback);
}

function relativeStateDirectory(path: string): PisyncError {
  return new PisyncError("usage", `PISYNC_STATE_DIR is ${path}, which is not an absolute path.`, {
    next: "Set it to an absolute path, which begins with /, or unset it.",
    facts: { path },
  });
}

function runDirectoryOf(stateDirectory: string): string {
  const usual = join(stateDirectory, "run");
  if (Buffer.byteLength(join(usual, LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) return usual;
  const hash = nodeCrypto().createHash("sha256").update(stateDirectory).digest("hex").slice(0, 8);
  return join(TEMPORARY_DIRECTORY, `pisync-${process.getuid?.() ?? 0}-${hash}`);
}
