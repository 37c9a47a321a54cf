import type { SessionId } from "../../protocol/ids.ts";
import type { AttributableSession } from "./attributable-sessions.ts";
import { openSessions, type ConversationFacts, type Decision, type SessionFacts } from "./attribution.ts";
import type { ConversationIndex, IndexedConversation } from "../conversation-index/conversation-index.ts";
import type { SessionScreen } from "./session-screens.ts";
import { comparable } from "./text-comparison.ts";

/** The conversations of a directory that come into question, those written last. */
const MAX_CONVERSATIONS = 16;
/** How much of what was said last is compared: about what fits on a screen. */
const TEXT_BYTES = 6_000;
const TEXT_LETTERS = 1_000;
const SCREEN_LETTERS = 12_000;

/** One directory, with the sessions whose agents do not say what they hold. */
export interface Place {
  cwd: string;
  sessions: readonly AttributableSession[];
  current(id: SessionId): Decision | undefined;
  /** Whether an agent says that it holds this conversation. */
  isSaid: (conversationId: string) => boolean;
  /** The live session that held it last, as far as that is known. */
  lastHolder(conversationId: string): SessionId | undefined;
}

export interface Facts {
  sessions: SessionFacts[];
  conversations: ConversationFacts[];
}

export interface FactReader {
  read(place: Place): Promise<Facts>;
}

export interface FactReaderParts {
  index: Pick<ConversationIndex, "all" | "get" | "byId" | "recentText">;
  screen: (id: SessionId) => Promise<SessionScreen | undefined>;
}

/** Reads what an attribution is decided by; screens and texts only when something is to be decided. */
export function createFactReader({ index, screen }: FactReaderParts): FactReader {
  const texts = new WeakMap<IndexedConversation, Promise<string>>();

  function conversationsOf({ cwd, isSaid }: Place, currents: readonly (Decision | undefined)[]): IndexedConversation[] {
    const found = [...index.all()].filter(({ reading }) => reading.header.cwd === cwd && !isSaid(reading.header.id));
    const latest = found.sort((a, b) => b.writtenAt - a.writtenAt).slice(0, MAX_CONVERSATIONS);
    const held = currents.flatMap((current) => (current && index.get(current.path)) ?? []);
    return [...new Set([...latest, ...held.filter(({ reading }) => !isSaid(reading.header.id))])];
  }

  function currentOf({ id, recorded }: AttributableSession, place: Place): Decision | undefined {
    const current = place.current(id);
    const [file] = current === undefined && recorded ? index.byId(recorded.conversationId) : [];
    return file && recorded ? { path: file.path, evidence: recorded.evidence, detail: "As found earlier." } : current;
  }

  function textOf(conversation: IndexedConversation): Promise<string> {
    const known = texts.get(conversation);
    if (known !== undefined) return known;
    const text = index.recentText(conversation.path, TEXT_BYTES).then((said) => comparable(said).slice(-TEXT_LETTERS));
    texts.set(conversation, text);
    return text;
  }

  return {
    async read(place) {
      const { sessions: all } = place;
      const sessions: SessionFacts[] = all.map((session) => {
        return { id: session.id, startedAt: session.startedAt, ownScreen: false, current: currentOf(session, place) };
      });
      const found = conversationsOf(
        place,
        sessions.map(({ current }) => current),
      );
      const conversations: ConversationFacts[] = found.map(({ path, writtenAt, reading }) => {
        const holder = place.lastHolder(reading.header.id);
        const heldBefore = holder !== undefined && all.every(({ id }) => id !== holder);
        return { path, writtenAt, text: "", heldBefore };
      });
      const open = openSessions(sessions, conversations);
      if (open.length === 0 || found.length === 0) return { sessions, conversations };

      const screens = await Promise.all(
        sessions.map(async (session) => (open.includes(session) ? screen(session.id) : undefined)),
      );
      const isBlind = screens.every((shown) => shown === undefined);
      const said = await Promise.all(found.map(async (conversation) => (isBlind ? "" : textOf(conversation))));
      return {
        sessions: sessions.map((session, at) => ({ ...session, ...seen(screens[at]) })),
        conversations: conversations.map((conversation, at) => ({ ...conversation, text: said[at] ?? "" })),
      };
    },
  };
}

function seen(screen: SessionScreen | undefined): Partial<SessionFacts> {
  return screen === undefined ? {} : { screen: comparable(screen.text).slice(-SCREEN_LETTERS), ownScreen: screen.own };
}
