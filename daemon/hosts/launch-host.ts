import { HostReport, type HostLaunch } from "../../protocol/host-launch.ts";
import { compileCacheEnvironment } from "../../runtime/compile-cache.ts";
import { MEMORY_ENVIRONMENT } from "../../runtime/ensure-daemon.ts";
import { inheritableEnvironment } from "../../runtime/environment.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { parseJson } from "../../runtime/json-file.ts";
import type { StatePaths } from "../../runtime/paths.ts";
import { spawnDetached, type SpawnedProcess } from "../../runtime/spawn-detached.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import { SpareHost } from "./spare-host.ts";

/** Other options of V8 cost 25 ms: with them it rejects the compiled code of Node itself (docs/adr/0070). */
const HOST_NODE_OPTIONS = ["--max-semi-space-size=4"];

/** A spare that has not read its launch after this is held up (stopped, swapped out), and another host starts. */
const ACKNOWLEDGEMENT_MS = 5_000;

/** Starts one host and says how that went. */
export type LaunchHost = (launch: HostLaunch) => Promise<HostReport>;

export interface HostLauncher {
  /**
   * Rejects with PisyncError `launch-failed` when the host ends, or keeps silent, without a report; it is ended
   * then.
   */
  readonly launch: LaunchHost;
  /** Ends the host that was started ahead. Those that were launched go on. */
  close(): Promise<void>;
}

/**
 * Starts hosts with the program at `hostProgram`, one of them ahead. The launch environment goes over the new
 * host's standard input; the host itself inherits the daemon's, scrubbed.
 */
export function createHostLauncher(paths: StatePaths, hostProgram: string): HostLauncher {
  const start = (logFile: string, args: string[] = []) =>
    spawnDetached(hostProgram, {
      args,
      env: {
        ...inheritableEnvironment(process.env),
        PISYNC_STATE_DIR: paths.stateDirectory,
        ...MEMORY_ENVIRONMENT,
        ...compileCacheEnvironment(paths.stateDirectory, PACKAGE_VERSION),
      },
      stdin: true,
      report: true,
      logFile,
      nodeOptions: HOST_NODE_OPTIONS,
    });
  // Until it has a session, what it might say belongs to the daemon that started it.
  const spare = new SpareHost(() => start(paths.logFile("daemon"), ["--spare"]));

  async function startWith(input: string, logFile: string): Promise<SpawnedProcess> {
    const host = await start(logFile);
    host.send(input);
    return host;
  }

  async function launch(launch: HostLaunch): Promise<HostReport> {
    const logFile = paths.logFile(`host-${launch.id}`);
    const input = JSON.stringify(launch);
    const waiting = spare.take();
    const host = waiting && (await accepts(waiting, input)) ? waiting : await startWith(input, logFile);
    const line = await host.report;
    spare.replace();
    if (line !== undefined) return parseJson(line, HostReport, "The host's report");
    host.kill();
    throw new PisyncError("launch-failed", `The host of session ${launch.id} did not start.`, {
      next: `Its log says why: ${logFile}`,
      facts: { session: launch.id, log: logFile },
    });
  }

  return { launch, close: () => spare.close() };
}

/** False when the spare has ended without having read the launch: then it has started nothing, and another may. */
async function accepts(spare: SpawnedProcess, input: string): Promise<boolean> {
  spare.send(input);
  const impatience = setTimeout(() => spare.kill(), ACKNOWLEDGEMENT_MS);
  const accepted = await spare.acknowledged;
  clearTimeout(impatience);
  return accepted;
}
