import { closeSync, writeSync } from "node:fs";
import type { HostReport } from "../protocol/host-launch.ts";
import { PisyncError } from "../runtime/failure.ts";

const REPORT_DESCRIPTOR = 3;

/** Writes the host's one report, or the failure that took its place, and closes the descriptor. */
export function reportOutcome(outcome: unknown): void {
  const report: HostReport =
    outcome instanceof Error ? { outcome: "failed", error: asRefusal(outcome) } : (outcome as HostReport);
  try {
    writeSync(REPORT_DESCRIPTOR, `${JSON.stringify(report)}\n`);
    closeSync(REPORT_DESCRIPTOR);
  } catch {
    // The daemon that asked is gone; the next one finds this host by its record.
  }
}

function asRefusal(error: Error): Extract<HostReport, { outcome: "failed" }>["error"] {
  const known =
    error instanceof PisyncError
      ? error
      : new PisyncError("launch-failed", `The session could not be started: ${error.message}`, { cause: error });
  return known.toBody().error;
}
