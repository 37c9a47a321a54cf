import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  claimLease,
  leasesOf,
  pruneLeases,
  readLease,
  type Claim,
  type Lease,
  type LeaseHolder,
} from "../../../runtime/lease.ts";
import { ownIdentity } from "../../../runtime/process-identity.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

let world: TemporaryWorld;
let directory: string;
let own: LeaseHolder;
beforeEach(async () => {
  world = await createWorld();
  directory = world.work;
  own = { process: await ownIdentity(), session: "abcdefgh", generation: 1, socket: "/s" };
});
afterEach(() => world.dispose());

const dead: LeaseHolder = { process: { pid: 1, startTime: "0@another-boot" } };

function leaseOf(claim: Claim): Lease {
  if (claim.outcome !== "claimed") throw new Error("the lease is held");
  return claim.lease;
}

test("a held lease names its holder; another key is free", async () => {
  leaseOf(await claimLease(directory, "key", own));
  expect(await claimLease(directory, "key", own)).toEqual({ outcome: "held", holder: own });
  expect(await readLease(directory, "key")).toEqual(own);
  expect(await readLease(directory, "other")).toBeUndefined();
  leaseOf(await claimLease(directory, "other", own));
});

test("a released lease can be claimed again, and releasing twice does not release the next one", async () => {
  const first = leaseOf(await claimLease(directory, "key", own));
  await first.release();
  expect(await readLease(directory, "key")).toBeUndefined();
  leaseOf(await claimLease(directory, "key", own));
  await first.release();
  expect(await readLease(directory, "key")).toEqual(own);
});

test("a dead holder is taken over at once, and one whose pid was given to another process too", async () => {
  leaseOf(await claimLease(directory, "key", dead));
  leaseOf(await claimLease(directory, "key", { process: { pid: process.pid, startTime: "1@x" } }));
  leaseOf(await claimLease(directory, "key", own));
  expect(await readLease(directory, "key")).toEqual(own);
});

test("takeovers and releases leave one file a key", async () => {
  for (let round = 0; round < 5; round += 1) {
    await leaseOf(await claimLease(directory, "key", own)).release();
    leaseOf(await claimLease(directory, "key", dead));
  }
  expect(await readdir(directory)).toHaveLength(1);
});

test("numbers never go back: a claimer that acts on an old look loses", async () => {
  const first = leaseOf(await claimLease(directory, "key", own));
  const [file = ""] = await readdir(directory);
  await first.release();
  leaseOf(await claimLease(directory, "key", own));
  // What a claimer would do that looked before both: link the number it saw to be free.
  await writeFile(join(directory, file), JSON.stringify({ key: "key", process: dead.process }));
  expect(await readLease(directory, "key")).toEqual(own);
});

test("a file that no claim wrote holds nothing", async () => {
  leaseOf(await claimLease(directory, "key", own));
  const [file = ""] = await readdir(directory);
  await writeFile(join(directory, file), "{");
  expect(await readLease(directory, "key")).toBeUndefined();
  leaseOf(await claimLease(directory, "key", own));
});

test("of many claims at once of a dead holder's lease exactly one succeeds", async () => {
  for (let round = 0; round < 20; round += 1) {
    leaseOf(await claimLease(directory, `key ${round}`, dead));
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimLease(directory, `key ${round}`, own)));
    expect(claims.filter(({ outcome }) => outcome === "claimed")).toHaveLength(1);
  }
});

test("processes that claim and release as fast as they can never hold a lease together", async () => {
  const contender = join(import.meta.dirname, "../../fixtures/runtime/lease-contender.ts");
  const contenders = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [contender, directory, "60"], { stdio: ["ignore", "inherit", "inherit"] }),
  );
  const codes = await Promise.all(contenders.map((child) => once(child, "exit")));
  expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0, 0]);
});

test("a holder that was killed is taken over", async () => {
  const contender = join(import.meta.dirname, "../../fixtures/runtime/lease-contender.ts");
  const holder = spawn(process.execPath, [contender, directory, "hold"], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  expect((await claimLease(directory, "key", own)).outcome).toBe("held");
  const exited = once(holder, "exit");
  holder.kill("SIGKILL");
  await exited;
  leaseOf(await claimLease(directory, "key", own));
});

test("old remains of released leases and dead holders are pruned, live ones never", async () => {
  await leaseOf(await claimLease(directory, "released", own)).release();
  leaseOf(await claimLease(directory, "dead", dead));
  leaseOf(await claimLease(directory, "live", own));
  expect(await pruneLeases(directory, 60_000)).toBe(0);
  const longAgo = new Date(Date.now() - 120_000);
  for (const name of await readdir(directory)) await utimes(join(directory, name), longAgo, longAgo);
  expect(await pruneLeases(directory, 60_000)).toBe(2);
  expect(await readLease(directory, "live")).toEqual(own);
});

test("a directory that is not there has no holder", async () => {
  expect(await readLease(join(directory, "never-made"), "key")).toBeUndefined();
});

test("the leases of a process are found again by whoever holds them for it next, and can be released", async () => {
  const agent: LeaseHolder = { process: own.process };
  leaseOf(await claimLease(directory, "mine", agent));
  leaseOf(await claimLease(directory, "dead", dead));
  await leaseOf(await claimLease(directory, "released", agent)).release();
  leaseOf(await claimLease(directory, "also mine", agent));
  const found = await leasesOf(directory, own.process);
  expect(found.map(({ key }) => key).sort()).toEqual(["also mine", "mine"]);
  for (const lease of found) await lease.release();
  expect(await readLease(directory, "mine")).toBeUndefined();
  expect(await leasesOf(directory, own.process)).toEqual([]);
});
