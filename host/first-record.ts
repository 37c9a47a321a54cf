import type { HostLaunch } from "../protocol/host-launch.ts";
import type { HostAddress, SessionRecord } from "../protocol/session.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";

/** What is on record of a session when its host starts the child: what it was launched with, and what it was before. Pure. */
export function recordAtStart(
  { id, generation, agent, argv, cwd, name, previous, conversation }: HostLaunch,
  address: Omit<HostAddress, "version" | "protocol">,
  now: number,
): SessionRecord {
  return {
    schemaVersion: 1,
    id,
    agent,
    generation,
    argv,
    cwd,
    name: name ?? previous?.name,
    ...nameToTell(agent, name !== undefined || previous?.namePending === true),
    firstMessage: previous?.firstMessage,
    conversation: conversation ?? previous?.conversation,
    attribution: conversation || previous?.conversation ? { evidence: "launch" } : undefined,
    createdAt: previous?.createdAt ?? now,
    updatedAt: now,
    host: { ...address, version: PACKAGE_VERSION, protocol: PROTOCOL_VERSION },
  };
}

/** pi keeps the name in its conversation: while it is `pending`, the extension has to be told. */
export function nameToTell(agent: HostLaunch["agent"], pending: boolean): Pick<SessionRecord, "namePending"> {
  return { namePending: agent === "pi" && pending ? true : undefined };
}
