import * as z from "zod";
import { SearchHit } from "./search.ts";
import { AgentName, SessionSummary } from "./session.ts";
import { SessionId } from "./ids.ts";
import { Count, Instant, text } from "./values.ts";

/** How far the index of conversations is, and what hinders it. */
export const IndexState = z.object({
  /** `unavailable` when the store cannot be used; `troubles` says why. */
  state: z.enum(["scanning", "ready", "unavailable"]),
  conversations: Count,
  /** Files read of those found, while scanning. */
  scanned: Count,
  found: Count,
  since: Instant,
  /** Bytes of conversations whose text cannot be searched yet. */
  textPendingBytes: Count,
  /** Each a sentence for a person: a directory that cannot be read, polling instead of watching, a rebuilt store. */
  troubles: z.array(text(500)).max(32),
});
export type IndexState = z.infer<typeof IndexState>;

/** What the user wants of all sessions. */
export const Preferences = z.object({
  /** No notifications at all. */
  mutedAll: z.boolean(),
});
export type Preferences = z.infer<typeof Preferences>;

/**
 * `GET /v1/events`: the state stream, as server-sent events. Each `id` is `<epoch>-<seq>`; `epoch` names this
 * daemon's lifetime and `seq` grows by one with each event.
 *
 * `snapshot`     StateSnapshot: first, and after a `gap`
 * `change`       StateChange
 * `index`        IndexState, at most every half second while scanning
 * `preferences`  Preferences
 * `gap`          StateGap: the reader asked to go on from an event that is no longer known; a snapshot follows
 *
 * A reader that sends `Last-Event-ID` gets what it missed instead of a snapshot while that is still known. A
 * comment is sent every 15 s.
 */
export const StateSnapshot = z.object({
  sessions: z.array(SessionSummary),
  index: IndexState,
  preferences: Preferences,
});
export type StateSnapshot = z.infer<typeof StateSnapshot>;

/** Entries that are new or different, whole, and those that are gone. The order is that of `compareSessions`. */
export const StateChange = z.object({ changed: z.array(SessionSummary), removed: z.array(SessionId) });
export type StateChange = z.infer<typeof StateChange>;

export const StateGap = z.object({ asked: text(64) });
export type StateGap = z.infer<typeof StateGap>;

/** `GET /v1/search` answers this. */
export const SearchAnswer = z.object({ schemaVersion: z.literal(1), hits: z.array(SearchHit), index: IndexState });
export type SearchAnswer = z.infer<typeof SearchAnswer>;

/** One thing pisync says about a session, and how it knows. */
export const ExplainedFact = z.object({
  fact: z.enum(["kind", "status", "title", "conversation", "attribution", "process", "terminal"]),
  value: z.string(),
  /** Who said it: the extension inside pi, the process, the screen, the conversation's file, its user, pisync. */
  source: z.string(),
  /** What it was concluded from, in words a user understands. */
  evidence: z.string(),
  /** Since when it is so, or when it was found out. */
  at: Instant.optional(),
});
export type ExplainedFact = z.infer<typeof ExplainedFact>;

/** `GET /v1/sessions/:id/explanation` answers this. */
export const Explanation = z.object({
  schemaVersion: z.literal(1),
  session: SessionSummary,
  facts: z.array(ExplainedFact),
});
export type Explanation = z.infer<typeof Explanation>;

/** `GET /v1/agents`, with `?check=true` after looking again: which agents can be launched on this machine. */
export const AgentAvailability = z.object({
  agent: AgentName,
  available: z.boolean(),
  /** What `--version` printed. */
  version: text(64).optional(),
  path: text(4096).optional(),
  /** Why not, in one sentence. */
  reason: text(500).optional(),
  checkedAt: Instant,
});
export type AgentAvailability = z.infer<typeof AgentAvailability>;

export const AgentList = z.object({ schemaVersion: z.literal(1), agents: z.array(AgentAvailability) });
export type AgentList = z.infer<typeof AgentList>;
