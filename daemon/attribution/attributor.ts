import type { SessionId } from "../../protocol/ids.ts";
import type { Log } from "../../runtime/log.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { AttributableSession, LiveSessions } from "./attributable-sessions.ts";
import { attribute, type Decision } from "./attribution.ts";
import { createFactReader, type FactReader, type FactReaderParts } from "./facts.ts";
import type { ConversationIndex, IndexedConversation } from "../conversation-index/conversation-index.ts";
import { MAX_COMPARED } from "./text-comparison.ts";

/** Changes of one moment are looked at together, and looks are at least this far apart. */
const COALESCE_MS = 150;
const PAUSE_MS = 500;
/** When a directory is looked at again in which something could not be told: screens change, files do not. */
const AGAIN_MS = [1_000, 4_000, 15_000];
const MAX_HOLDERS = 1_000;

export interface Attributed {
  conversation: IndexedConversation;
  evidence: "content" | "only-candidate";
  /** What was found, in words a user understands. */
  detail: string;
  /** When it was found out, milliseconds since the epoch. */
  at: number;
}

/** Finds out which conversations those live sessions hold whose agents do not say it. */
export interface Attributor {
  /** Undefined while it cannot be told, and for sessions whose agents say it. */
  of(id: SessionId): Attributed | undefined;
  onChange(listener: (id: SessionId) => void): () => void;
  /** A session has begun, ended, begun to say what it holds, or stopped to. */
  sessionsChanged(): void;
  /** Looks at every session at once; resolves when that is done. */
  look(): Promise<void>;
  close(): void;
}

export interface AttributorParts extends FactReaderParts {
  index: FactReaderParts["index"] & Pick<ConversationIndex, "onChange">;
  sessions(): Promise<LiveSessions>;
  log: Log;
}

export function createAttributor(parts: AttributorParts): Attributor {
  return new TextAttributor(parts);
}

/** A directory with such sessions, and what is to be done about it. */
interface Place {
  sessions: readonly AttributableSession[];
  isDirty: boolean;
  /** How often it was looked at again without news, and when that is done next. */
  again: number;
  timer?: NodeJS.Timeout | undefined;
}

class TextAttributor implements Attributor {
  readonly #parts: AttributorParts;
  readonly #facts: FactReader;
  readonly #places = new Map<string, Place>();
  readonly #decisions = new Map<SessionId, Decision & { at: number }>();
  /** By conversation id. */
  readonly #lastHolders = new Map<string, SessionId>();
  readonly #listeners = new Set<(id: SessionId) => void>();
  readonly #unsubscribe: () => void;
  #live = new Set<SessionId>();
  #said = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #notBefore = 0;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: AttributorParts) {
    this.#parts = parts;
    this.#facts = createFactReader(parts);
    this.#unsubscribe = parts.index.onChange(({ changed, removed }) => {
      const cwds = new Set(changed.map(({ reading }) => reading.header.cwd));
      for (const [cwd, place] of this.#places) if (cwds.has(cwd) || removed.length > 0) this.#touch(place);
    });
    this.#schedule();
  }

  of(id: SessionId): Attributed | undefined {
    const decision = this.#decisions.get(id);
    if (decision === undefined || decision.evidence === "launch") return undefined;
    const conversation = this.#parts.index.get(decision.path);
    const { evidence, detail, at } = decision;
    return conversation && { conversation, evidence, detail, at };
  }

  onChange(listener: (id: SessionId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  sessionsChanged(): void {
    this.#schedule();
  }

  look(): Promise<void> {
    for (const place of this.#places.values()) place.isDirty = true;
    return this.#lookNext();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    for (const { timer } of this.#places.values()) clearTimeout(timer);
    this.#listeners.clear();
  }

  #touch(place: Place): void {
    place.isDirty = true;
    place.again = 0;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed) return;
    const inMs = Math.max(COALESCE_MS, this.#notBefore - Date.now());
    this.#timer ??= setTimeout(() => void this.#lookNext(), inMs).unref();
  }

  /** One look at a time. */
  #lookNext(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#looking = this.#looking.then(async () => {
      try {
        await this.#lookAtAll();
      } catch (error) {
        this.#parts.log.warn("attribution-failed", { reason: errorText(error) });
      }
      this.#notBefore = Date.now() + PAUSE_MS;
    });
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const { silent, said } = await this.#parts.sessions();
    this.#live = new Set([...silent.map(({ id }) => id), ...said.map(({ session }) => session)]);
    for (const { session, conversationId } of said) this.#remember(conversationId, session);
    this.#arrange(silent, new Set(said.map(({ conversationId }) => conversationId)));
    for (const [cwd, place] of this.#places) if (place.isDirty && !this.#closed) await this.#lookAt(cwd, place);
  }

  /** Brings the places in line with the sessions that there are now. */
  #arrange(silent: readonly AttributableSession[], said: Set<string>): void {
    const isSaidAnew = said.size !== this.#said.size || [...said].some((id) => !this.#said.has(id));
    this.#said = said;
    const silentAt = Map.groupBy(silent, ({ cwd }) => cwd);
    for (const [cwd, place] of this.#places) {
      if (silentAt.has(cwd)) continue;
      clearTimeout(place.timer);
      this.#places.delete(cwd);
    }
    for (const [cwd, all] of silentAt) {
      const sessions = all.slice(0, MAX_COMPARED);
      const place = this.#places.get(cwd) ?? { sessions: [], isDirty: true, again: 0 };
      if (isSaidAnew || !sameIds(sessions, place.sessions)) Object.assign(place, { isDirty: true, again: 0 });
      this.#places.set(cwd, Object.assign(place, { sessions }));
    }
    const isSilent = new Set(silent.map(({ id }) => id));
    for (const id of this.#decisions.keys()) if (!isSilent.has(id)) this.#decide(id, undefined);
  }

  async #lookAt(cwd: string, place: Place): Promise<void> {
    place.isDirty = false;
    const { sessions, conversations } = await this.#facts.read({
      cwd,
      sessions: place.sessions,
      current: (id) => this.#decisions.get(id),
      isSaid: (conversationId) => this.#said.has(conversationId),
      lastHolder: (conversationId) => this.#liveHolderOf(conversationId),
    });
    if (this.#closed) return;
    const decided = attribute(sessions, conversations);
    for (const { id } of sessions) this.#decide(id, decided.get(id));
    if (conversations.length > 0 && decided.size < sessions.length) this.#lookAgainLater(place);
  }

  #decide(id: SessionId, decision: Decision | undefined): void {
    const before = this.#decisions.get(id);
    if (decision !== undefined) this.#rememberHolder(id, decision);
    if (before?.path === decision?.path && before?.evidence === decision?.evidence) return;
    if (decision === undefined) this.#decisions.delete(id);
    else this.#decisions.set(id, { ...decision, at: Date.now() });
    for (const listener of this.#listeners) listener(id);
  }

  /** What one that has ended held is free again. */
  #liveHolderOf(conversationId: string): SessionId | undefined {
    const holder = this.#lastHolders.get(conversationId);
    return holder !== undefined && this.#live.has(holder) ? holder : undefined;
  }

  #rememberHolder(id: SessionId, { path, evidence }: Decision): void {
    const conversationId = evidence === "only-candidate" ? undefined : this.#parts.index.get(path)?.reading.header.id;
    if (conversationId !== undefined) this.#remember(conversationId, id);
  }

  /** The latest at the end, and only so many. */
  #remember(conversationId: string, holder: SessionId): void {
    this.#lastHolders.delete(conversationId);
    this.#lastHolders.set(conversationId, holder);
    const [oldest] = this.#lastHolders.keys();
    if (this.#lastHolders.size > MAX_HOLDERS && oldest !== undefined) this.#lastHolders.delete(oldest);
  }

  #lookAgainLater(place: Place): void {
    const inMs = AGAIN_MS[place.again];
    if (inMs === undefined) return;
    place.again += 1;
    clearTimeout(place.timer);
    place.timer = setTimeout(() => {
      place.isDirty = true;
      this.#schedule();
    }, inMs).unref();
  }
}

function sameIds(some: readonly AttributableSession[], others: readonly AttributableSession[]): boolean {
  return some.length === others.length && some.every(({ id }, at) => id === others[at]?.id);
}
