import type { SessionId } from "../../protocol/ids.ts";
import type { Attribution, Conversation, HostState, SessionSummary } from "../../protocol/session.ts";
import type { Attributor } from "../attribution/attributor.ts";
import type { ConversationIndex, IndexedConversation } from "../conversation-index/conversation-index.ts";
import type { ExternalSession } from "../external/external-sessions.ts";
import type { SessionEntry } from "./session-records.ts";
import type { StatusAnswer, StatusFacts } from "./session-status.ts";

/** Which conversation a session holds, and how that is known. */
export interface HeldConversation {
  readonly conversation: Conversation;
  readonly evidence: Attribution["evidence"] | undefined;
  /** Of a comparison: what was compared, in words, and when. */
  readonly detail?: string | undefined;
  readonly at?: number | undefined;
}

/** Everything pisync knows of one session: what its summary and its explanation are made from. */
export interface KnownSession {
  readonly id: SessionId;
  readonly kind: SessionSummary["kind"];
  /** Of a session that pisync launched, or whose conversation was named before its first launch. */
  readonly entry?: SessionEntry | undefined;
  /** What its host said last. */
  readonly state?: HostState | undefined;
  readonly external?: ExternalSession | undefined;
  readonly held?: HeldConversation | undefined;
  /** What the conversation's file says. */
  readonly indexed?: IndexedConversation | undefined;
  readonly status: StatusAnswer;
}

/** Where the facts come from. */
export interface FactSources {
  index: Pick<ConversationIndex, "byId">;
  attributor: Pick<Attributor, "of">;
  /** `cwd` is where the session runs, or ran: it decides how often its agent retries. */
  statusOf: (facts: Omit<StatusFacts, "retry" | "now">, cwd: string) => StatusAnswer;
  /** What to say of a run that nobody seems to go on with, when somebody may; undefined when nobody may. */
  doubt: (conversation: IndexedConversation) => StatusAnswer | undefined;
}

/** A session that pisync launched. */
export function knownManaged(entry: SessionEntry, state: HostState | undefined, sources: FactSources): KnownSession {
  const { id, host, ending, cwd } = entry.record;
  const kind = host === undefined ? "resumable" : "live";
  const held = kind === "live" ? heldByLive(entry, sources) : heldByRecord(entry);
  const indexed = held && fileOf(held.conversation, sources);
  // An ended session has a conversation only if that can be gone back to.
  const there = kind === "live" || entry.resumable || indexed !== undefined;
  const tip = indexed?.reading.tip;
  const silent = entry.record.attribution?.evidence !== "extension";
  const facts = { kind, host: state?.status, tip, ending: host ? undefined : ending, silent } as const;
  const answer = sources.statusOf(facts, cwd);
  const status = unlessOpen(answer, indexed, sources);
  return { id, kind, entry, state, held: there ? withPath(held, indexed) : undefined, indexed, status };
}

/** A pi that pisync did not start. */
export function knownExternal(external: ExternalSession, sources: FactSources): KnownSession {
  const { id, report, cwd } = external;
  const held: HeldConversation | undefined = report
    ? { conversation: report.conversation, evidence: "extension" }
    : attributed(id, sources);
  const indexed = held && fileOf(held.conversation, sources);
  const tip = indexed?.reading.tip;
  const status = sources.statusOf({ kind: "external", report: report?.status, tip }, cwd);
  return { id, kind: "external", external, held: withPath(held, indexed), indexed, status };
}

/** A conversation on disk that no session is about. */
export function knownFound(id: SessionId, indexed: IndexedConversation, sources: FactSources): KnownSession {
  const { header, tip } = indexed.reading;
  const held = { conversation: { id: header.id, path: indexed.path }, evidence: undefined };
  return {
    id,
    kind: "resumable",
    held,
    indexed,
    status: unlessOpen(sources.statusOf({ kind: "resumable", tip }, header.cwd ?? ""), indexed, sources),
  };
}

/** That a run was cut off is said only of a conversation that nobody can be at. */
function unlessOpen(
  answer: StatusAnswer,
  indexed: IndexedConversation | undefined,
  sources: FactSources,
): StatusAnswer {
  const { state, source } = answer.status ?? {};
  if (indexed === undefined || state !== "interrupted" || source !== "jsonl") return answer;
  return sources.doubt(indexed) ?? answer;
}

/** The extension knows; a comparison knows better than the command line, because pi may have moved on since. */
function heldByLive(entry: SessionEntry, sources: FactSources): HeldConversation | undefined {
  const recorded = heldByRecord(entry);
  return recorded?.evidence === "extension" ? recorded : (attributed(entry.record.id, sources) ?? recorded);
}

function heldByRecord({ record: { conversation, attribution } }: SessionEntry): HeldConversation | undefined {
  return conversation && { conversation, evidence: attribution?.evidence };
}

function attributed(id: SessionId, { attributor }: FactSources): HeldConversation | undefined {
  const found = attributor.of(id);
  const header = found?.conversation.reading.header;
  if (found === undefined || header === undefined) return undefined;
  const { evidence, detail, at } = found;
  return { conversation: { id: header.id, path: found.conversation.path }, evidence, detail, at };
}

/** Of several files with the conversation's id the one that is meant by its path, else the one written last. */
function fileOf({ id, path }: Conversation, { index }: FactSources): IndexedConversation | undefined {
  const files = index.byId(id);
  return files.find((file) => file.path === path) ?? files[0];
}

function withPath(
  held: HeldConversation | undefined,
  indexed: IndexedConversation | undefined,
): HeldConversation | undefined {
  if (held === undefined || indexed === undefined) return held;
  return { ...held, conversation: { id: held.conversation.id, path: indexed.path } };
}
