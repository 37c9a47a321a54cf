import { HostReport, type HostLaunch } from "../protocol/host-launch.ts";
import { compileCacheEnvironment } from "../runtime/compile-cache.ts";
import { inheritableEnvironment } from "../runtime/environment.ts";
import { PisyncError } from "../runtime/failure.ts";
import { parseJson } from "../runtime/json-file.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { spawnDetached } from "../runtime/spawn-detached.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";

/** Other options of V8 cost 25 ms: with them it rejects the compiled code of Node itself (docs/adr/0070). */
const HOST_NODE_OPTIONS = ["--max-semi-space-size=4"];

/** One heap of the C library's instead of one a thread; other C libraries ignore it. */
const HOST_ENVIRONMENT = { MALLOC_ARENA_MAX: "1" };

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
      env: {
        ...inheritableEnvironment(process.env),
        PISYNC_STATE_DIR: paths.stateDirectory,
        ...HOST_ENVIRONMENT,
        ...compileCacheEnvironment(paths.stateDirectory, PACKAGE_VERSION),
      },
      stdin: JSON.stringify(launch),
      report: true,
      logFile,
      nodeOptions: HOST_NODE_OPTIONS,
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
