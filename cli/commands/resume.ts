import type { PisyncClient } from "../../client/pisync-client.ts";
import type { TargetQuery } from "../../protocol/daemon-api.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { launchEnvironment } from "../../runtime/environment.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { enterSession } from "../launch.ts";
import { targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal, terminalSize } from "../view/terminal.ts";

/** Without a target: the only conversation that can be resumed. */
export async function resume(
  target: string | undefined,
  options: TargetFilters & { detach?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: {}, kind: "resumable" });
  const client = await connectDaemon();
  const { id, kind, conversation } = await toResume(client, query);
  // What another pi has open is refused whether or not there is a terminal.
  if (!options.detach && kind !== "external") {
    requireTerminal(process.env, `Resume it without a view: pisync resume --detach ${id}`);
  }
  const request = { env: launchEnvironment(process.env), size: terminalSize(), expectsView: !options.detach };
  const start = async () => {
    // A pi that pisync did not start takes its id with it when it ends: its conversation is what is meant.
    const name = kind === "external" ? conversation?.id : undefined;
    const session = name === undefined ? id : (await client.target({ target: name })).id;
    return client.resume(session, request);
  };
  return enterSession(start, options);
}

/** What has ended is meant first; what runs is attached to. */
async function toResume(client: PisyncClient, query: Partial<TargetQuery>): Promise<SessionSummary> {
  return client.target(query).catch((error: unknown) => {
    const runs = error instanceof PisyncError && ["already-live", "external-session"].includes(error.code);
    if (!runs) throw error;
    return client.target({ ...query, kind: "any" });
  });
}
