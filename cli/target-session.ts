import type { PisyncClient } from "../client/pisync-client.ts";
import type { TargetQuery } from "../protocol/daemon-api.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { connectDaemon } from "./connect-daemon.ts";
import { targetQuery, type TargetFilters } from "./target.ts";

/**
 * The session that a command is for, and a client of the daemon to do it with. What is wrong with the words is said
 * before a daemon is started.
 * @param env where this pane's own session stands, which is meant without a target; empty when that does not count.
 * @throws PisyncError `usage`, and as the daemon refuses.
 */
export async function targetSession(
  target: string | undefined,
  filters: TargetFilters,
  { kind, env = process.env }: { kind: TargetQuery["kind"]; env?: NodeJS.ProcessEnv },
): Promise<{ client: PisyncClient; session: SessionSummary }> {
  const query = targetQuery(target, filters, { env, kind });
  const client = await connectDaemon();
  return { client, session: await client.target(query) };
}
