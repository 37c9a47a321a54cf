import { isDeepStrictEqual } from "node:util";
import type { StateChange } from "../protocol/daemon-state.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/session.ts";
import type { Attributor } from "./attributor.ts";
import type { ConversationIndex, IndexedConversation } from "./conversation-index.ts";
import type { ExternalSessions } from "./external-sessions.ts";
import type { HostRegistry } from "./host-registry.ts";
import { knownExternal, knownFound, knownManaged, type FactSources, type KnownSession } from "./known-session.ts";
import { createSessionIdentities } from "./session-identity.ts";
import type { SessionRecords } from "./session-records.ts";
import { compareSessions, summarise } from "./session-summary.ts";

/** Changes of one moment are told as one. */
const COALESCE_MS = 15;
/** Node's timers reach no further. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SessionListParts {
  records: Pick<SessionRecords, "all" | "get" | "reload" | "onChange">;
  hosts: Pick<HostRegistry, "state" | "onChange">;
  index: Pick<ConversationIndex, "all" | "byId" | "get" | "onChange" | "onState">;
  externals: Pick<ExternalSessions, "all" | "onChange">;
  attributor: Pick<Attributor, "of" | "onChange">;
  statusOf: FactSources["statusOf"];
}

/**
 * Every session as clients see it: one entry for each process, live or external, and one for each conversation that
 * no process holds. What has changed is worked out anew, and nothing else.
 */
export interface SessionList {
  /** All entries, in the order of `compareSessions`. */
  all(): readonly SessionSummary[];
  /** Also of a session that is not an entry, because it left nothing to resume or another has its conversation. */
  find(id: SessionId): SessionSummary | undefined;
  /** What the session's summary is made from, as of now. */
  known(id: SessionId): KnownSession | undefined;
  /** The entry that stands for this conversation. */
  ofConversation(conversationId: string): SessionSummary | undefined;
  /** Tells what is new, different or gone, within 15 ms; `all` and `find` tell it first. */
  onChange(listener: (change: StateChange) => void): () => void;
  close(): void;
}

export function createSessionList(parts: SessionListParts): SessionList {
  const { records, hosts, index, externals, attributor } = parts;
  /** The sessions that pisync launched, and the external ones, whether they are entries or not. */
  const sessions = new Map<SessionId, SessionSummary>();
  /** By conversation: the sessions that hold it or held it last. */
  const holders = new Map<string, Set<SessionId>>();
  /** Conversations that no session is about. */
  const found = new Map<SessionId, SessionSummary>();
  const entries = new Map<SessionId, SessionSummary>();
  const conversationsByPath = new Map<string, string>();
  /** Conversations whose parent was not in the index yet. */
  const orphans = new Set<string>();
  const changesAt = new Map<SessionId, number>();
  const dirtySessions = new Set<SessionId>();
  const dirtyConversations = new Set<string>();
  const listeners = new Set<(change: StateChange) => void>();
  const identities = createSessionIdentities((id) => sessions.has(id) || records.get(id) !== undefined);
  let ordered: SessionSummary[] | undefined;
  let flushTimer: NodeJS.Timeout | undefined;
  let changeTimer: NodeJS.Timeout | undefined;

  function lookAgainAt(id: SessionId): void {
    dirtySessions.add(id);
    flushTimer ??= setTimeout(flush, COALESCE_MS);
  }

  function lookAgainAtConversation(id: string): void {
    dirtyConversations.add(id);
    for (const holder of holders.get(id) ?? []) dirtySessions.add(holder);
    flushTimer ??= setTimeout(flush, COALESCE_MS);
  }

  function takeConversations(changed: Iterable<IndexedConversation>, removed: readonly string[]): void {
    for (const path of removed) {
      const id = conversationsByPath.get(path);
      if (id === undefined) continue;
      conversationsByPath.delete(path);
      lookAgainAtConversation(id);
      for (const holder of holders.get(id) ?? []) void records.reload(holder);
    }
    for (const { path, reading } of changed) {
      const before = conversationsByPath.get(path);
      const id = reading.header?.id;
      if (before !== undefined && before !== id) lookAgainAtConversation(before);
      if (id === undefined) continue;
      conversationsByPath.set(path, id);
      lookAgainAtConversation(id);
    }
  }

  function knownSession(id: SessionId): KnownSession | undefined {
    const entry = records.get(id);
    if (entry !== undefined) return knownManaged(entry, hosts.state(id), { ...parts, index });
    const external = externals.all().find((one) => one.id === id);
    return external && knownExternal(external, { ...parts, index });
  }

  function knownOnDisk(conversationId: string): KnownSession | undefined {
    const [newest] = index.byId(conversationId);
    return newest && knownFound(identities.of(conversationId), newest, { ...parts, index });
  }

  function summaryOf(known: KnownSession): SessionSummary {
    const parent = known.indexed?.reading.header?.parent;
    const parentId = parent === undefined ? undefined : parentIdOf(parent);
    const own = known.held?.conversation.id;
    if (parent !== undefined && parentId === undefined && own !== undefined) orphans.add(own);
    return summarise(known, parentId);
  }

  function parentIdOf(parent: string): string | undefined {
    return parent.includes("/") ? index.get(parent)?.reading.header?.id : parent;
  }

  /** Works out one session anew; its conversations, before and now, get new entries. */
  function renew(id: SessionId): void {
    const namesake = records.get(id) === undefined ? undefined : identities.conversationOf(id);
    if (namesake !== undefined) {
      identities.forget(namesake);
      dirtyConversations.add(namesake);
    }
    const before = sessions.get(id)?.conversation?.id;
    const known = knownSession(id);
    const summary = known && summaryOf(known);
    if (summary === undefined) sessions.delete(id);
    else sessions.set(id, summary);
    const due = known?.status.changesAt;
    if (due === undefined) changesAt.delete(id);
    else changesAt.set(id, due);
    move(id, before, summary?.conversation?.id);
  }

  function move(id: SessionId, before: string | undefined, now: string | undefined): void {
    if (before !== undefined) dirtyConversations.add(before);
    if (now !== undefined) dirtyConversations.add(now);
    if (before === now) return;
    if (before !== undefined) {
      holders.get(before)?.delete(id);
      if (holders.get(before)?.size === 0) holders.delete(before);
    }
    if (now !== undefined) holders.set(now, (holders.get(now) ?? new Set()).add(id));
  }

  /** The session, or none, that is the entry of a conversation which no process holds. */
  function successorOf(conversationId: string): SessionId | undefined {
    let last: SessionId | undefined;
    for (const id of holders.get(conversationId) ?? []) {
      if (sessions.get(id)?.kind !== "resumable") return undefined;
      if (last === undefined || heldAt(id) > heldAt(last)) last = id;
    }
    return last;
  }

  function heldAt(id: SessionId): number {
    return records.get(id)?.record.updatedAt ?? 0;
  }

  function isEntry(id: SessionId, { kind, agent, conversation }: SessionSummary): boolean {
    if (kind !== "resumable" || agent === "command") return true;
    return conversation !== undefined && successorOf(conversation.id) === id;
  }

  /** Works out a conversation anew that may be held by nobody. Returns the id that stands for it then. */
  function renewFound(conversationId: string): SessionId | undefined {
    const known = holders.has(conversationId) ? undefined : knownOnDisk(conversationId);
    if (known !== undefined) found.set(known.id, summaryOf(known));
    return known?.id;
  }
