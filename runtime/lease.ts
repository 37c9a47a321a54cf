import { createHash } from "node:crypto";
import { link, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Generation, ProcessIdentity, SessionId } from "../protocol/ids.ts";
import { PisyncError, systemErrorCode } from "./failure.ts";
import { INTERPRETED, readJsonFile, writeJsonFile, writeTemporaryFile } from "./json-file.ts";
import { isAlive } from "./process-identity.ts";

/** Who holds a lease. It ends with its release or with the process, whichever comes first. */
export const LeaseHolder = z.object({
  process: ProcessIdentity,
  session: SessionId.optional(),
  generation: Generation.optional(),
  socket: z.string().optional(),
});
export type LeaseHolder = z.infer<typeof LeaseHolder>;

/** A file without a process is a released lease: it stays, so that the key's numbers never go back. */
const LeaseFile = LeaseHolder.partial({ process: true }).extend({ key: z.string() });

export interface Lease {
  readonly key: string;
  /** May be called more than once. */
  release(): Promise<void>;
}

export type Claim = { outcome: "claimed"; lease: Lease } | { outcome: "held"; holder: LeaseHolder };

/**
 * Claims a key exclusively among all processes that use this directory; a dead holder is taken over.
 *
 * Each claim of a key is a file `<hash of key>.<n>`, made by link(2) from a finished file, so it appears whole
 * and only once. The highest number counts. A claimer links the number above a dead or released one, and of
 * several that saw the same only one can. Numbers never go back while somebody may still act on an old look: a
 * release leaves its file behind, and only the claimer of a higher number removes lower ones. A claimer that
 * was overtaken between its look and its link finds the higher number afterwards and withdraws.
 */
export async function claimLease(directory: string, key: string, holder: LeaseHolder): Promise<Claim> {
  for (;;) {
    const highest = await highestNumber(directory, key);
    const present = highest === 0 ? undefined : await liveHolder(leasePath(directory, key, highest));
    if (present !== undefined) return { outcome: "held", holder: present };
    const number = highest + 1;
    if (!(await linkNumber(directory, key, number, holder))) continue;
    if ((await highestNumber(directory, key)) !== number) {
      await rm(leasePath(directory, key, number), { force: true });
      continue;
    }
    await removeBelow(directory, key, number);
    return { outcome: "claimed", lease: createLease(directory, key, number) };
  }
}

/** The live holder of a key, if it has one. */
export async function readLease(directory: string, key: string): Promise<LeaseHolder | undefined> {
  const highest = await highestNumber(directory, key);
  return highest === 0 ? undefined : liveHolder(leasePath(directory, key, highest));
}

/** The leases that are held for that process, whoever claimed them for it. */
export async function leasesOf(directory: string, process: ProcessIdentity): Promise<Lease[]> {
  const found: Lease[] = [];
  for (const name of await readdir(directory)) {
    const file = await readLeaseFile(join(directory, name));
    if (file?.process?.pid !== process.pid || file.process.startTime !== process.startTime) continue;
    const number = Number(name.slice(name.lastIndexOf(".") + 1));
    if ((await highestNumber(directory, file.key)) === number) found.push(createLease(directory, file.key, number));
  }
  return found;
}

/**
 * Removes what released leases and dead holders left more than `olderThanMs` ago: by then nobody acts on a look
 * at them any more. Returns how many files went.
 */
export async function pruneLeases(directory: string, olderThanMs: number): Promise<number> {
  const before = Date.now() - olderThanMs;
  let removed = 0;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined || stats.mtimeMs > before) continue;
    if ((await liveHolder(path)) !== undefined) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

function createLease(directory: string, key: string, number: number): Lease {
  let released: Promise<void> | undefined;
  return {
    key,
    release() {
      released ??= writeJsonFile(leasePath(directory, key, number), { key }).catch((error: unknown) => {
        // A state directory that was removed took the lease with it.
        if (systemErrorCode(error) !== "ENOENT") throw error;
      });
      return released;
    },
  };
}

async function linkNumber(directory: string, key: string, number: number, holder: LeaseHolder): Promise<boolean> {
  const path = leasePath(directory, key, number);
  const temporary = await writeTemporaryFile(path, { key, ...holder });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function liveHolder(path: string): Promise<LeaseHolder | undefined> {
  const file = await readLeaseFile(path);
  if (file?.process === undefined || !(await isAlive(file.process))) return undefined;
  return LeaseHolder.parse(file, INTERPRETED);
}

/** A file that cannot be parsed was not written by a claim and holds nothing. */
function readLeaseFile(path: string): Promise<z.infer<typeof LeaseFile> | undefined> {
  return readJsonFile(path, LeaseFile).catch((error: unknown) => {
    if (error instanceof PisyncError) return undefined;
    throw error;
  });
}

async function highestNumber(directory: string, key: string): Promise<number> {
  const numbers = await numbersOf(directory, key);
  return Math.max(0, ...numbers);
}

async function removeBelow(directory: string, key: string, number: number): Promise<void> {
  for (const lower of await numbersOf(directory, key)) {
    if (lower < number) await rm(leasePath(directory, key, lower), { force: true });
  }
}

async function numbersOf(directory: string, key: string): Promise<number[]> {
  const prefix = `${hashOf(key)}.`;
  const names = await readdir(directory).catch((error: unknown) => {
    // Where pisync was never used nothing is held.
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  });
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter((number) => Number.isSafeInteger(number));
}

function leasePath(directory: string, key: string, number: number): string {
  return join(directory, `${hashOf(key)}.${number}`);
}

function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
