import { realpath } from "node:fs/promises";
import type { SessionId } from "../../protocol/ids.ts";
import type { SessionRecord } from "../../protocol/session.ts";
import { startInstantOf } from "../../runtime/process-identity.ts";
import type { Decision } from "./attribution.ts";
import type { ExternalSessions } from "../external/external-sessions.ts";
import type { HostRegistry } from "../hosts/host-registry.ts";
import type { SessionRecords } from "../sessions/session-records.ts";

/** A live session whose agent does not say itself which conversation it holds. */
export interface AttributableSession {
  id: SessionId;
  /** Without symbolic links, as the headers of conversations have it. */
  cwd: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** What its record says: the conversation it was launched on, or what a daemon before this one found. */
  recorded?: { conversationId: string; evidence: Decision["evidence"] } | undefined;
}

export interface LiveSessions {
  silent: AttributableSession[];
  /** What the agents of the others say they hold. */
  said: { session: SessionId; conversationId: string }[];
}

export interface LiveSessionsParts {
  records: Pick<SessionRecords, "all">;
  hosts: Pick<HostRegistry, "state">;
  externals: Pick<ExternalSessions, "all">;
}

/** Every live session of pi, by whether its agent speaks. */
export async function liveSessions({ records, hosts, externals }: LiveSessionsParts): Promise<LiveSessions> {
  const live: LiveSessions = { silent: [], said: [] };
  for (const { id, cwd, startedAt, report } of externals.all()) {
    if (report) live.said.push({ session: id, conversationId: report.conversation.id });
    else live.silent.push({ id, cwd, startedAt });
  }
  for (const { record } of records.all()) {
    if (record.host === undefined || record.agent !== "pi") continue;
    const { id, conversation, attribution } = record;
    if (conversation !== undefined && attribution?.evidence === "extension") {
      live.said.push({ session: id, conversationId: conversation.id });
      // One whose extension is expected to speak in a moment is left to it.
    } else if (hosts.state(id)?.degraded !== undefined) live.silent.push(await silentSession(record));
  }
  return live;
}

async function silentSession({
  id,
  cwd,
  host,
  conversation,
  attribution,
}: SessionRecord): Promise<AttributableSession> {
  const process = host?.child ?? host?.process;
  const evidence = attribution?.evidence;
  return {
    id,
    cwd: await realpath(cwd).catch(() => cwd),
    startedAt: process === undefined ? 0 : startInstantOf(process),
    recorded:
      conversation && evidence && evidence !== "extension" ? { conversationId: conversation.id, evidence } : undefined,
  };
}
