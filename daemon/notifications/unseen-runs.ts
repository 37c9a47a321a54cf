import * as z from "zod";
import type { NoticeAdapter } from "../../adapters/multiplexers/notice-adapter.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { HostState, SessionSummary, StatusState } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { Log } from "../../runtime/log.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { SessionList } from "../sessions/session-list.ts";

/** Between looks whether somebody has turned to a pane in which a run has ended unseen. */
const LOOK_MS = 2_000;

export interface UnseenRunsParts {
  sessions: Pick<SessionList, "all" | "find" | "onChange">;
  /** What the host of a session said last. */
  state: (id: SessionId) => HostState | undefined;
  notices: Pick<NoticeAdapter, "visible">;
  log: Log;
}

/**
 * Tells hosts what they cannot know: that all views of a session are in panes which nobody has before them when a run
 * ends, and that somebody has turned to such a pane since. The host has the last word on what is unseen.
 */
export class UnseenRuns {
  readonly #parts: UnseenRunsParts;
  /** Of live sessions, the last that was heard. */
  readonly #states = new Map<SessionId, StatusState>();
  /** Unseen although they are attached to. */
  readonly #hidden = new Set<SessionId>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: UnseenRunsParts) {
    this.#parts = parts;
    for (const session of parts.sessions.all()) this.#see(session);
    this.#unsubscribe = parts.sessions.onChange(({ changed, removed }) => {
      for (const id of removed) this.#forget(id);
      for (const session of changed) this.#see(session);
    });
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #see(session: SessionSummary): void {
    const { id, kind, status } = session;
    if (kind !== "live" || status === undefined) return this.#forget(id);
    const before = this.#states.get(id);
    this.#states.set(id, status.state);
    const ended = isOver(status.state) && before !== undefined && !isOver(before);
    if (ended && !status.unseen) void this.#tell(session, { looked: false });
    if (!status.unseen) this.#hidden.delete(id);
    else if (this.#viewsOf(id).length > 0) this.#hidden.add(id);
    this.#lookLater();
  }

  #forget(id: SessionId): void {
    this.#states.delete(id);
    this.#hidden.delete(id);
  }

  #lookLater(): void {
    if (this.#hidden.size > 0 && !this.#closed) this.#timer ??= setTimeout(() => void this.#look(), LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    for (const id of this.#hidden) {
      const session = this.#parts.sessions.find(id);
      if (session === undefined) this.#hidden.delete(id);
      else await this.#tell(session, { looked: true });
    }
    this.#timer = undefined;
    this.#lookLater();
  }

  /** If it is so. */
  async #tell({ id, socket, status }: SessionSummary, { looked }: { looked: boolean }): Promise<void> {
    const views = this.#viewsOf(id);
    if (socket === undefined || status === undefined || views.length === 0) return;
    try {
      if ((await this.#isVisible(views)) !== looked) return;
      const body = { since: status.since, looked };
      await requestJson(socket, "POST", "/v1/looked", { schema: z.unknown(), body, unreachable: "host-unreachable" });
    } catch (error) {
      this.#parts.log.warn("not-told-who-looks", { session: id, reason: errorText(error) });
    }
  }

  #viewsOf(id: SessionId): HostState["views"] {
    return (this.#parts.state(id)?.views ?? []).filter(({ mode }) => mode !== "read-only");
  }

  /** A terminal that is no pane is taken to be in front of somebody. */
  async #isVisible(views: HostState["views"]): Promise<boolean> {
    for (const [server, shown] of Map.groupBy(views, ({ tmux }) => tmux)) {
      const ttys = shown.flatMap(({ tty }) => tty ?? []);
      if (server === undefined || ttys.length < shown.length) return true;
      if ((await this.#parts.notices.visible(server, ttys)).length > 0) return true;
    }
    return false;
  }
}

function isOver(state: StatusState): boolean {
  return state === "idle" || state === "error";
}
