import type { SessionId } from "../../protocol/ids.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import type { ConversationIndex } from "../conversation-index/conversation-index.ts";
import type { ExternalSessions } from "../external/external-sessions.ts";
import type { HostRegistry } from "../hosts/host-registry.ts";
import { knownExternal, knownFound, knownManaged, type FactSources, type KnownSession } from "./known-session.ts";
import type { SessionIdentities } from "./session-identity.ts";
import type { SessionRecords } from "./session-records.ts";
import { summarise } from "./session-summary.ts";

export interface KnownSessionsParts extends FactSources {
  records: Pick<SessionRecords, "get">;
  hosts: Pick<HostRegistry, "state">;
  externals: Pick<ExternalSessions, "all">;
  index: Pick<ConversationIndex, "byId" | "get">;
}

/** Brings together what the parts of the daemon know of one session, as of now. */
export interface KnownSessions {
  /** Of a session that pisync launched, or an external one. */
  session(id: SessionId): KnownSession | undefined;
  /** Of a conversation on disk, as if no session were about it. */
  onDisk(conversationId: string): KnownSession | undefined;
  summary(known: KnownSession): SessionSummary;
}

export function createKnownSessions(parts: KnownSessionsParts, identities: SessionIdentities): KnownSessions {
  const { records, hosts, externals, index } = parts;

  /** pi writes the parent's path, or in its first versions its id. */
  function parentOf({ indexed }: KnownSession): string | undefined {
    const parent = indexed?.reading.header.parent;
    return parent?.includes("/") ? index.get(parent)?.reading.header.id : parent;
  }

  return {
    session(id) {
      const entry = records.get(id);
      if (entry !== undefined) return knownManaged(entry, hosts.state(id), parts);
      const external = externals.all().find((one) => one.id === id);
      return external && knownExternal(external, parts);
    },
    onDisk(conversationId) {
      const [newest] = index.byId(conversationId);
      return newest && knownFound(identities.of(conversationId), newest, parts);
    },
    summary: (known) => summarise(known, parentOf(known)),
  };
}
