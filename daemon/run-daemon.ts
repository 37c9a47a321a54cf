import { closeSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import type { DaemonReport } from "../protocol/daemon-api.ts";
import { MEMORY_ENVIRONMENT } from "../runtime/ensure-daemon.ts";
import { PisyncError } from "../runtime/failure.ts";
import { openLog } from "../runtime/log.ts";
import { statePaths } from "../runtime/paths.ts";
import { errorText } from "../runtime/sanitise.ts";
import { ensureStateDirectories } from "../runtime/secure-directory.ts";
import { startDaemon, type DaemonOptions } from "./daemon.ts";

/** Tells the daemon that its starter waits for a report on descriptor 3. */
const REPORT_OPTION = "--report";
const REPORT_DESCRIPTOR = 3;

/**
 * Makes this process the daemon: from its start to SIGTERM, SIGINT or a client's `stop`. A second daemon ends
 * at once and quietly; one that cannot start says why on standard error and to whoever waits for its report.
 */
export async function runDaemon(parts: Omit<DaemonOptions, "paths" | "log" | "onStop">) {
  const paths = statePaths();
  // Meant for processes of pisync, not for those of the user that the daemon starts.
  for (const name of Object.keys(MEMORY_ENVIRONMENT)) delete process.env[name];
  try {
    await ensureStateDirectories(paths);
    const log = openLog(paths.logFile("daemon"));
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => stop());
    process.on("uncaughtException", (error) => {
      log.error("daemon-crashed", { reason: errorText(error), stack: error.stack });
      process.exit(1);
    });
    const daemon = await startDaemon({ ...parts, paths, log, onStop: stop });
    if (daemon === "held") return report({ outcome: "held" });
    report({ outcome: "ready" });
    // Not only at the end, which may be weeks away: the next one starts from it.
    flushCompileCache();
    await stopped;
    await daemon.close();
    log.close();
    process.exit(0);
  } catch (error) {
    const failure = error instanceof PisyncError ? error : new PisyncError("internal", errorText(error));
    process.stderr.write(`pisync daemon: ${failure.message}\n`);
    report({ outcome: "failed", ...failure.toBody() });
    process.exit(1);
  }
}

function report(report: DaemonReport): void {
  if (!process.argv.includes(REPORT_OPTION)) return;
  try {
    writeSync(REPORT_DESCRIPTOR, `${JSON.stringify(report)}\n`);
    closeSync(REPORT_DESCRIPTOR);
  } catch {
    // The starter has gone; there is nobody to tell.
  }
}
