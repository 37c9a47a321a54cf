import { SessionList, type SessionSummary } from "../../protocol/session.ts";
import { DaemonClient } from "../fixtures/daemon/daemon-client.ts";
import { pisync } from "./pisync.ts";
import type { TemporaryWorld } from "./temporary-world.ts";

/**
 * What `pisync list --json --all` says in the world. A daemon that knows every conversation is asked itself: a command
 * takes 0.2 s of a core each time, and tests look until something is so.
 */
export async function listedSessions(world: TemporaryWorld): Promise<SessionSummary[]> {
  const daemon = new DaemonClient(world);
  const index = await daemon.index().catch(() => undefined);
  if (index?.state === "ready") return daemon.list();
  const { stdout, stderr } = await pisync(world, ["list", "--json", "--all"]);
  if (stdout === "") throw new Error(stderr);
  return SessionList.parse(JSON.parse(stdout)).sessions;
}
