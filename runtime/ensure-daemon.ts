import { setTimeout as delay } from "node:timers/promises";
import { DaemonInfo, DaemonReport } from "../protocol/daemon-api.ts";
import type { ProcessIdentity } from "../protocol/ids.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { compileCacheEnvironment } from "./compile-cache.ts";
import { inheritableEnvironment } from "./environment.ts";
import { PisyncError } from "./failure.ts";
import { requestJson } from "./http-client.ts";
import { parseJson } from "./json-file.ts";
import { readLease } from "./lease.ts";
import type { StatePaths } from "./paths.ts";
import { isAlive, signalProcess } from "./process-identity.ts";
import { ensureStateDirectories } from "./secure-directory.ts";
import { spawnDetached } from "./spawn-detached.ts";
import { compareVersions, PACKAGE_VERSION, programPath } from "./version.ts";

/** The daemon holds this lease from before it listens until after it stopped. */
export const DAEMON_LEASE_KEY = "daemon";

/** V8's young generation: what is read of 5,000 conversations passes through it (docs/adr/0086). */
const NODE_OPTIONS = ["--max-semi-space-size=2"];
/**
 * Of the daemon and of hosts. The C library keeps a heap for each thread otherwise, 10 MB of the daemon with 5,000
 * conversations; and what was a large block it keeps as well, unless these sizes are fixed. It reads them once, at the
 * start.
 */
export const MEMORY_ENVIRONMENT = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
};

const START_DEADLINE_MS = 15_000;
const ANSWER_DEADLINE_MS = 5_000;
const STOP_DEADLINE_MS = 5_000;
const POLL_INTERVAL_MS = 20;

/**
 * Connects to the daemon of this state directory and starts it when there is none: exactly one, however many
 * processes ask at once. An older daemon is replaced; hosts are left alone. A newer one that speaks the same
 * protocol is as good.
 * @throws PisyncError `daemon-newer`, `daemon-unreachable`, or the reason why the daemon could not start.
 */
export async function ensureDaemon(paths: StatePaths): Promise<DaemonInfo> {
  await ensureStateDirectories(paths);
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    // Asked before the look, so that a daemon that took all of the time to start is found nevertheless.
    const late = Date.now() >= deadline;
    const daemon = await findDaemon(paths);
    if (daemon !== undefined && verdict(daemon) === "fits") return daemon;
    if (late) throw await unreachable(paths);
    if (daemon === undefined) {
      const outcome = await startDaemon(paths);
      // Another one holds the lease and will listen in a moment, or is about to end.
      if (outcome === "held") await delay(POLL_INTERVAL_MS);
    } else {
      await stopDaemon(paths, daemon.pid);
    }
  }
}

/**
 * The daemon that answers, of whatever version, or undefined when nobody listens.
 * @throws PisyncError `daemon-newer` when it speaks a newer protocol, `daemon-unreachable` when it hangs.
 */
export async function findDaemon(paths: StatePaths): Promise<DaemonInfo | undefined> {
  try {
    return await requestJson(paths.daemonSocket, "GET", "/v1/daemon", {
      schema: DaemonInfo,
      timeoutMs: ANSWER_DEADLINE_MS,
    });
  } catch (error) {
    if (!(error instanceof PisyncError)) throw error;
    if (error.code === "daemon-unreachable") return undefined;
    if (error.code === "timed-out") throw await unreachable(paths);
    throw error;
  }
}

/**
 * Ends the daemon of this state directory cleanly, a hanging one by force; hosts keep running. With `pid`, only
 * if it is still that one. Resolves once the process is gone; false when there was none.
 */
export async function stopDaemon(paths: StatePaths, pid?: number): Promise<boolean> {
  const holder = await readLease(paths.leasesDirectory, DAEMON_LEASE_KEY);
  if (holder === undefined || (pid !== undefined && holder.process.pid !== pid)) return false;
  if (!(await signalProcess(holder.process, "SIGTERM"))) return false;
  if (!(await endsWithin(holder.process, STOP_DEADLINE_MS))) {
    await signalProcess(holder.process, "SIGKILL");
    await endsWithin(holder.process, STOP_DEADLINE_MS);
  }
  return true;
}

/** Polls until that very process has ended. False when it had not within the time. */
export async function endsWithin(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isAlive(identity)) {
    if (Date.now() >= deadline) return false;
    await delay(POLL_INTERVAL_MS);
  }
  return true;
}

function verdict(daemon: DaemonInfo): "fits" | "older" {
  if (daemon.protocol > PROTOCOL_VERSION) {
    throw new PisyncError(
      "daemon-newer",
      `The running daemon is pisync ${daemon.version}, which this pisync ${PACKAGE_VERSION} does not understand.`,
      {
        next: "Use the newer pisync, or stop that daemon with its own: pisync daemon stop",
        facts: { daemonVersion: daemon.version, version: PACKAGE_VERSION, pid: daemon.pid },
      },
    );
  }
  const older = daemon.protocol < PROTOCOL_VERSION || compareVersions(daemon.version, PACKAGE_VERSION) < 0;
  return older ? "older" : "fits";
}

async function startDaemon(paths: StatePaths): Promise<"ready" | "held"> {
  const daemon = await spawnDetached(programPath("daemon"), {
    args: ["--report"],
    nodeOptions: NODE_OPTIONS,
    env: {
      ...inheritableEnvironment(process.env),
      ...MEMORY_ENVIRONMENT,
      PISYNC_STATE_DIR: paths.stateDirectory,
      ...compileCacheEnvironment(paths.stateDirectory, PACKAGE_VERSION),
    },
    report: true,
    logFile: paths.logFile("daemon"),
  });
  const line = await daemon.report;
  if (line === undefined) throw await unreachable(paths);
  const report = parseJson(line, DaemonReport, "The daemon's report");
  if (report.outcome === "failed") throw PisyncError.fromBody(report);
  return report.outcome;
}

async function unreachable(paths: StatePaths): Promise<PisyncError> {
  const holder = await readLease(paths.leasesDirectory, DAEMON_LEASE_KEY).catch(() => undefined);
  const log = paths.logFile("daemon");
  return holder === undefined
    ? new PisyncError("daemon-unreachable", "The pisync daemon could not be started.", {
        next: `Its log says why: ${log}`,
        facts: { log },
      })
    : new PisyncError("daemon-unreachable", `The pisync daemon (process ${holder.process.pid}) does not answer.`, {
        next: "Replace it with: pisync daemon restart",
        facts: { log, pid: holder.process.pid },
      });
}
