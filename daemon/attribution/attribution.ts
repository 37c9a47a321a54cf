import type { SessionId } from "../../protocol/ids.ts";
import { compareTexts, type TextComparison } from "./text-comparison.ts";
import { matchByText, shareOf, type Match } from "./text-matching.ts";

/** What is known of a session whose agent does not say which conversation it holds. */
export interface SessionFacts {
  id: SessionId;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** The `comparable` text of its screen; absent when that cannot be seen. */
  screen?: string | undefined;
  /** Everything on it comes from the session itself, rather than from a program before it on the same terminal. */
  ownScreen: boolean;
  /** What it held when it was last looked at, or what it was launched on. */
  current?: Decision | undefined;
}

/** A conversation of the sessions' directory that no agent says it holds. */
export interface ConversationFacts {
  path: string;
  /** When its file was last written, milliseconds since the epoch. */
  writtenAt: number;
  /** The `comparable` text of what was said last. */
  text: string;
  /** Another live session has held it, and has gone on to another one: having been written says nothing then. */
  heldBefore: boolean;
}

export interface Decision {
  path: string;
  evidence: "launch" | "content" | "only-candidate";
  /** What was found, in words a user understands. */
  detail: string;
}

/** For a conversation that was not written since the session began: nothing but the text speaks for it. */
const ENOUGH_OF_RESTING = 0.6;
/** A text of so many pieces, of which less than this share is on the screen, is not what the session shows. */
const CONTRADICTING_PIECES = 60;
const CONTRADICTING_SHARE = 0.1;
/** Neither the start times of processes nor the times of files are exact. */
const CLOCK_SLACK_MS = 200;

/**
 * Decides which of the conversations of one directory each of its sessions holds. A conversation goes to one session at
 * most, and the other way round; what cannot be told stays open.
 *
 * 1. What a session holds stays its, until a conversation is written that nobody holds, and its own is not.
 * 2. By content: the conversation's last words are on the session's screen, with a margin (`matchByText`). Among
 *    those written since the session began; if none of them is it, among all, for a session that continued one and has
 *    written nothing yet.
 * 3. The only conversation written since the only session began is its, unless the screen shows something else.
 */
export function attribute(
  sessions: readonly SessionFacts[],
  conversations: readonly ConversationFacts[],
): Map<SessionId, Decision> {
  const decided = new Map<SessionId, Decision>();
  const open = openSessions(sessions, conversations);
  const comparison = compareTexts(conversations, open);
  const free = () => conversations.filter(({ path }) => ![...decided.values()].some((taken) => taken.path === path));
  const undecided = () => open.filter(({ id }) => !decided.has(id));
  const keep = ({ id, current }: SessionFacts) => {
    if (current && free().some(({ path }) => path === current.path)) decided.set(id, current);
  };
  const byText = (
    eligible: (session: SessionFacts, conversation: ConversationFacts) => boolean,
    enoughShare?: number,
  ) => matchByText({ comparison, sessions: undecided(), conversations: free(), eligible, enoughShare });
  const take = (matches: readonly Match<SessionFacts, ConversationFacts>[]) => {
    for (const match of matches) decided.set(match.session.id, byContent(match));
  };

  for (const session of sessions) if (!open.includes(session)) keep(session);
  take(byText(isCandidate));
  undecided()
    .filter(({ current }) => isFirm(current))
    .forEach(keep);
  // What is kept for a good reason is no rival any more.
  take(byText(isCandidate));
  undecided().forEach(keep);
  const shown = byText(({ ownScreen }) => ownScreen, ENOUGH_OF_RESTING);
  take(shown.filter(({ session, conversation }) => !isCandidate(session, conversation)));
  const [alone, another] = sessions;
  if (alone && !another && open.includes(alone)) {
    const only = onlyCandidate(alone, decided.get(alone.id), conversations, comparison);
    if (only) decided.set(alone.id, only);
  }
  return decided;
}

/**
 * The sessions that must be compared: all but those that hold a conversation for a good reason, while no other one is
 * written after it that nobody holds. Needs no text.
 */
export function openSessions(
  sessions: readonly SessionFacts[],
  conversations: readonly Omit<ConversationFacts, "text">[],
): SessionFacts[] {
  const held = new Set(sessions.flatMap(({ current }) => (isFirm(current) ? current.path : [])));
  const free = conversations.filter(({ path }) => !held.has(path));
  return sessions.filter((session) => {
    const own = conversations.find(({ path }) => path === session.current?.path);
    if (own === undefined || !isFirm(session.current)) return true;
    return free.some((other) => other.writtenAt > own.writtenAt && isCandidate(session, other));
  });
}

/** The conversation was written since the session began. */
function isCandidate({ startedAt }: SessionFacts, { writtenAt }: Pick<ConversationFacts, "writtenAt">): boolean {
  return writtenAt >= startedAt - CLOCK_SLACK_MS;
}

function isFirm(decision: Decision | undefined): decision is Decision {
  return decision !== undefined && decision.evidence !== "only-candidate";
}

/** `now` is what the only session holds so far; undefined when that is to stay. */
function onlyCandidate(
  session: SessionFacts,
  now: Decision | undefined,
  conversations: readonly ConversationFacts[],
  comparison: TextComparison<ConversationFacts, SessionFacts>,
): Decision | undefined {
  const ofNow = conversations.find(({ path }) => path === now?.path);
  if (now !== session.current || (isFirm(now) && session.screen !== undefined)) return undefined;
  const candidates = conversations.filter(
    (one) => isCandidate(session, one) && !one.heldBefore && one.writtenAt > (ofNow?.writtenAt ?? 0),
  );
  const [only, another] = candidates;
  if (only === undefined || another !== undefined) return undefined;
  const shown = comparison.shown(only, session);
  const isContradicted = shown.of >= CONTRADICTING_PIECES && shareOf(shown) < CONTRADICTING_SHARE;
  if (session.screen !== undefined && isContradicted) return undefined;
  const when = ofNow === undefined ? "since this session began" : "since this session's last one";
  const detail = `It is the only conversation of this directory that was written ${when}, and no other session could have written it.`;
  return { path: only.path, evidence: "only-candidate", detail };
}

function byContent({ conversation, share, nextShare }: Match<SessionFacts, ConversationFacts>): Decision {
  const percent = (part: number) => `${Math.round(part * 100)} %`;
  const found = `${percent(share)} of what was said last in it is on the session's screen`;
  const rivals =
    nextShare === undefined ? "no other conversation comes into question" : `of the next best ${percent(nextShare)}`;
  return { path: conversation.path, evidence: "content", detail: `${found}; ${rivals}.` };
}
