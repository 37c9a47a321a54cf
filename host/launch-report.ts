import { closeSync, writeSync } from "node:fs";
import type { HostReport } from "../protocol/host-launch.ts";
import { PisyncError } from "../runtime/failure.ts";

const REPORT_DESCRIPTOR = 3;

/** Says that the launch was read: from now on it is this host's and nobody else's. */
export function acknowledgeLaunch(): void {
  writeToDaemon("\n");
}

/** Writes the host's one report, or the failure that took its place, and closes the descriptor. */
export function reportOutcome(outcome: unknown): void {
  const report: HostReport =
    outcome instanceof Error ? { outcome: "failed", error: asRefusal(outcome) } : (outcome as HostReport);
  writeToDaemon(`${JSON.stringify(report)}\n`);
  try {
    closeSync(REPORT_DESCRIPTOR);
  } catch {
    // It was never open: nobody waits for a report.
  }
}

function writeToDaemon(text: string): void {
  try {
    writeSync(REPORT_DESCRIPTOR, text);
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
