import { PisyncClient } from "../../client/pisync-client.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { elsewhere, nextNeeding, nothingNeeds } from "../next-session.ts";
import type { ViewTarget } from "./view-client.ts";

/** The session behind this one that needs its user. @throws PisyncError when there is none that can be shown here. */
export async function nextAfter(session: string): Promise<ViewTarget> {
  const { sessions } = await (await PisyncClient.connect()).list();
  const next = nextNeeding(sessions, ({ id }) => id === session);
  if (next === undefined) throw nothingNeeds();
  if (next.kind === "external") throw elsewhere(next);
  if (next.socket === undefined) throw new PisyncError("not-live", `${next.title} has ended meanwhile.`);
  return { session: next.id, socket: next.socket, title: next.title };
}

export async function rename(session: string, name: string): Promise<SessionSummary> {
  return (await PisyncClient.connect()).rename(session, name);
}

/** Resolves after the end of the session's child, of which its host tells the view. */
export async function kill(session: string): Promise<void> {
  await (await PisyncClient.connect()).kill(session);
}
