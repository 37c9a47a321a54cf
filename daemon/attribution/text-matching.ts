import type { Share, TextComparison } from "./text-comparison.ts";

/** Pieces of text that must speak for a conversation. Fewer are a greeting. */
const ENOUGH_PIECES = 12;
/** The share of what counts that must be on the screen, which shows only the end of a long text (docs/adr/0092). */
const ENOUGH_SHARE = 0.25;
/** How many times as much must speak for a conversation, or a session, as for the next best one. */
const MARGIN = 2;

export interface Matching<Session, Conversation> {
  comparison: TextComparison<Conversation, Session>;
  sessions: readonly Session[];
  conversations: readonly Conversation[];
  /** Whether this session can hold that conversation at all; those that cannot are no rivals either. */
  eligible: (session: Session, conversation: Conversation) => boolean;
  /** The share of the conversation's text that must be on the screen. */
  enoughShare?: number | undefined;
}

export interface Match<Session, Conversation> {
  session: Session;
  conversation: Conversation;
  /** The share of the conversation's text that is on the screen, from 0 to 1. */
  share: number;
  /** The same of the next best conversation; absent when there is no other. */
  nextShare?: number;
}

/**
 * Pairs sessions with the conversations on their screens, each at most once, the clearest pair first. A pair needs a
 * good part of the text on the screen and a margin over every rival: over other conversations by what these lack, and
 * over other sessions by what their screens do not show. So what rivals have in common decides nothing, and a tie is no
 * pair.
 */
export function matchByText<Session, Conversation>(
  matching: Matching<Session, Conversation>,
): Match<Session, Conversation>[] {
  const { sessions, conversations, eligible } = matching;
  const pairs = sessions.flatMap((session) =>
    conversations
      .filter((conversation) => eligible(session, conversation))
      .map((conversation) => ({ session, conversation, margin: marginOf(session, conversation, matching) })),
  );
  const [clearest] = pairs.filter(({ margin }) => margin > 0).sort((a, b) => b.margin - a.margin);
  if (clearest === undefined) return [];
  const { session, conversation } = clearest;
  return [
    matchOf(session, conversation, matching),
    ...matchByText({
      ...matching,
      sessions: sessions.filter((other) => other !== session),
      conversations: conversations.filter((other) => other !== conversation),
    }),
  ];
}

/** From 0 to 1; the conversation may have pieces that count nowhere, so few that they say nothing. */
export function shareOf({ seen, of }: Share): number {
  return seen / Math.max(of, ENOUGH_PIECES);
}

/** By how much the pair is ahead of every rival; 0 when it is not, or when too little of the text is there. */
function marginOf<Session, Conversation>(
  session: Session,
  conversation: Conversation,
  matching: Matching<Session, Conversation>,
): number {
  const { comparison, enoughShare = ENOUGH_SHARE } = matching;
  const whole = comparison.shown(conversation, session);
  if (whole.seen < ENOUGH_PIECES || shareOf(whole) < enoughShare) return 0;
  const rivals = rivalsOf(session, conversation, matching);
  const leads = [
    ...rivals.conversations.map((rival) =>
      lead(comparison.shown(conversation, session, rival), comparison.shown(rival, session, conversation)),
    ),
    ...rivals.sessions.map((rival) =>
      lead(comparison.shownUnlike(conversation, session, rival), comparison.shownUnlike(conversation, rival, session)),
    ),
  ];
  return Math.min(shareOf(whole), ...leads);
}

function lead(ours: Share, theirs: Share): number {
  const [our, their] = [shareOf(ours), shareOf(theirs)];
  return ours.seen < ENOUGH_PIECES || our < ENOUGH_SHARE || our < MARGIN * their ? 0 : our - their;
}

function rivalsOf<Session, Conversation>(
  session: Session,
  conversation: Conversation,
  { sessions, conversations, eligible }: Matching<Session, Conversation>,
): { sessions: Session[]; conversations: Conversation[] } {
  return {
    sessions: sessions.filter((rival) => rival !== session && eligible(rival, conversation)),
    conversations: conversations.filter((rival) => rival !== conversation && eligible(session, rival)),
  };
}

function matchOf<Session, Conversation>(
  session: Session,
  conversation: Conversation,
  matching: Matching<Session, Conversation>,
): Match<Session, Conversation> {
  const shown = (one: Conversation) => shareOf(matching.comparison.shown(one, session));
  const rivals = rivalsOf(session, conversation, matching).conversations.map(shown);
  const match = { session, conversation, share: shown(conversation) };
  return rivals.length === 0 ? match : { ...match, nextShare: Math.max(...rivals) };
}
