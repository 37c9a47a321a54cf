import { constants } from "node:fs";
import { access, lstat, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { PisyncError, systemErrorCode } from "./failure.ts";
import type { StatePaths } from "./paths.ts";

const OTHERS = 0o077;

/**
 * Creates `path` with mode 0700, or verifies what is there: a real directory (no symlink), owned by this
 * user, with no access for group or others, and writable.
 * @throws PisyncError `unsafe-directory`, or `state-not-writable` when it cannot be created or written.
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  // A trailing slash would make lstat follow a symlink.
  const directory = resolve(path);
  try {
    await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw notWritable(directory, error);
  }
  await verify(directory);
}

/** Every directory of the state layout, before anything in it is used. */
export async function ensureStateDirectories(paths: StatePaths): Promise<void> {
  await ensurePrivateDirectory(paths.stateDirectory);
  const { runDirectory, sessionsDirectory, leasesDirectory, logsDirectory } = paths;
  await Promise.all([runDirectory, sessionsDirectory, leasesDirectory, logsDirectory].map(ensurePrivateDirectory));
}

async function verify(directory: string): Promise<void> {
  const stats = await lstat(directory).catch((error: unknown) => {
    throw notWritable(directory, error);
  });
  if (stats.isSymbolicLink()) throw unsafe(directory, "is a symbolic link", "Name the real directory instead.");
  if (!stats.isDirectory()) throw unsafe(directory, "is not a directory", "Move it away or name another directory.");
  if (process.getuid !== undefined && stats.uid !== process.getuid()) {
    throw unsafe(directory, "belongs to another user", "Name a directory of your own in PISYNC_STATE_DIR.");
  }
  if ((stats.mode & OTHERS) !== 0) {
    throw unsafe(directory, "is open to other users", `Close it with: chmod 700 '${directory}'`);
  }
  await access(directory, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw notWritable(directory, error);
  });
}

function unsafe(directory: string, fault: string, next: string): PisyncError {
  return new PisyncError("unsafe-directory", `The directory ${directory} ${fault}, so pisync does not use it.`, {
    next,
    facts: { directory },
  });
}

function notWritable(directory: string, cause: unknown): PisyncError {
  const reason = systemErrorCode(cause) ?? "unknown";
  return new PisyncError("state-not-writable", `pisync cannot write to ${directory} (${reason}).`, {
    next: "Make it writable, or name another directory in PISYNC_STATE_DIR.",
    facts: { directory, reason },
    cause,
  });
}
