import { HostReport, type HostLaunch } from "../protocol/host-launch.ts";
import { inheritableEnvironment } from "../runtime/environment.ts";
import { PisyncError } from "../runtime/failure.ts";
import { parseJson } from "../runtime/json-file.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { spawnDetached } from "../runtime/spawn-detached.ts";

/** Measured: a flood's peak of 83 MB instead of 148, at the same speed. */
const NODE_MEMORY_OPTIONS = ["--max-semi-space-size=2", "--optimize-for-size"];

/** Starts one host and says how that went. */
export type LaunchHost = (launch: HostLaunch) => Promise<HostReport>;

/**
 * Starts hosts with the program at `hostProgram`. The launch environment goes over the new host's standard
 * input; the host itself inherits the daemon's, scrubbed.
 * The returned function rejects with PisyncError `launch-failed` when the host ends, or keeps silent, without a
 * report; it is ended then.
 */
export function createHostLauncher(paths: StatePaths, hostProgram: string): LaunchHost {
  return async (launch) => {
    const logFile = paths.logFile(`host-${launch.id}`);
    const host = await spawnDetached(hostProgram, {
      env: { ...inheritableEnvironment(process.env), PISYNC_STATE_DIR: paths.stateDirectory },
      stdin: JSON.stringify(launch),
      report: true,
      logFile,
      nodeOptions: NODE_MEMORY_OPTIONS,
    });
    const line = await host.report;
    if (line === undefined) {
      host.kill();
      throw new PisyncError("launch-failed", `The host of session ${launch.id} did not start.`, {
        next: `Its log says why: ${logFile}`,
        facts: { session: launch.id, log: logFile },
      });
    }
    return parseJson(line, HostReport, "The host's report");
  };
}
