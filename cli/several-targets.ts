import type { PisyncClient } from "../client/pisync-client.ts";
import type { TargetQuery } from "../protocol/daemon-api.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { EXIT } from "./output.ts";
import { targetQuery, type TargetFilters } from "./target.ts";

/**
 * One session for each target, none twice; without targets the one that is meant then.
 * @throws PisyncError as the daemon refuses the first that it cannot tell.
 */
export async function sessionsOf(
  client: PisyncClient,
  targets: readonly string[],
  filters: TargetFilters,
  kind: TargetQuery["kind"],
): Promise<SessionSummary[]> {
  const sessions = new Map<string, SessionSummary>();
  for (const target of targets.length === 0 ? [undefined] : targets) {
    const session = await client.target(targetQuery(target, filters, { env: process.env, kind }));
    sessions.set(session.id, session);
  }
  return [...sessions.values()];
}

/** Of several sessions' exit codes the one to exit with: what went wrong counts more than what went well. Pure. */
export function worstCode(codes: readonly number[]): number {
  const order = [EXIT.timedOut, EXIT.runFailed, EXIT.interrupted, EXIT.target, EXIT.failed];
  return order.find((code) => codes.includes(code)) ?? EXIT.done;
}
