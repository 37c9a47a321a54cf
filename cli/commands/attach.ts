import { PisyncClient } from "../../client/pisync-client.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { loadWhile } from "../../runtime/load-while.ts";
import { withProgress } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal } from "../view/terminal.ts";

/** A pi that pisync did not start is jumped to instead. */
export async function attach(
  target: string | undefined,
  options: TargetFilters & { readOnly?: boolean; inSidebar?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "live" });
  requireTerminal(process.env, "To look without a terminal, use: pisync list --json");
  const client = await PisyncClient.onDemand();
  const found = client.target(query).catch((error: unknown) => externalSession(client, error));
  const answer = withProgress("Starting the pisync daemon", found);
  await loadWhile(answer, () => import("../show-session.ts"));
  const session = await answer;
  if (session.kind === "external") return (await import("../external.ts")).jump(client, session);
  const { showSession } = await import("../show-session.ts");
  return showSession(session, options.readOnly ? "read-only" : "mirror", options.inSidebar);
}

/** The session of a refusal that says that pisync did not start it. @throws any other. */
async function externalSession(client: PisyncClient, error: unknown): Promise<SessionSummary> {
  const id = error instanceof PisyncError && error.code === "external-session" ? error.facts?.["session"] : undefined;
  if (typeof id !== "string") throw error;
  return client.target({ session: id, kind: "external" });
}
