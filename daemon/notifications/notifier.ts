import type { NoticeAdapter } from "../../adapters/multiplexers/notice-adapter.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { HostState, SessionSummary } from "../../protocol/session.ts";
import type { Config } from "../../runtime/config.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { Log } from "../../runtime/log.ts";
import { errorText, plainText } from "../../runtime/sanitise.ts";
import { notifyDesktop, runNotificationCommand } from "./notification-programs.ts";
import { notificationOf, type Notification } from "./notifications.ts";
import type { SessionList } from "../sessions/session-list.ts";
import * as z from "zod";

/** Of more that happens within a second only the first are told. */
const BURST = 5;
const BURST_MS = 1_000;
const MAX_CELLS = 200;
/** What holds while the configuration is broken. */
const UNCONFIGURED: Config["notifications"] = { desktop: true, command: [] };
/** More multiplexers than anybody has open. */
const MAX_SERVERS = 16;

export interface NotifierParts {
  sessions: Pick<SessionList, "all" | "find" | "onChange">;
  /** What the host of a session said last. */
  state: (id: SessionId) => HostState | undefined;
  isMuted: (id: SessionId) => boolean;
  notices: NoticeAdapter;
  /** Looked up each time, so that a change counts at once. */
  settings: () => Promise<Config["notifications"]>;
  /** The daemon's own environment: whether there is a desktop. */
  env: Record<string, string>;
  log: Log;
}

/** A terminal that shows a session, and that a person may be at. */
interface Place {
  tty: string;
  /** The socket of the multiplexer that the terminal is a pane of. */
  server: string | undefined;
}

/** Tells people that a session finished, failed, or waits for them: once, and not of what is in front of them. */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #before = new Map<SessionId, SessionSummary>();
  /** Whoever has looked at a session from a multiplexer may be there still, also after leaving the session. */
  readonly #servers = new Set<string>();
  readonly #unsubscribe: () => void;
  #recent = 0;
  #burstTimer: NodeJS.Timeout | undefined;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    for (const session of parts.sessions.all()) this.#remember(session);
    this.#unsubscribe = parts.sessions.onChange(({ changed, removed }) => {
      for (const id of removed) this.#before.delete(id);
      for (const session of changed) this.#see(session);
    });
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#burstTimer);
  }

  #see(session: SessionSummary): void {
    const notification = notificationOf(this.#before.get(session.id), session);
    this.#remember(session);
    if (notification === undefined || this.#parts.isMuted(session.id) || this.#isBurst()) return;
    void this.#tell(notification).catch((error: unknown) => {
      this.#parts.log.warn("not-notified", { session: session.id, reason: errorText(error) });
    });
  }

  #remember(session: SessionSummary): void {
    this.#before.set(session.id, session);
    for (const { server } of this.#placesOf(session)) {
      if (server === undefined) continue;
      // The one seen last is forgotten last.
      this.#servers.delete(server);
      this.#servers.add(server);
      const [oldest] = this.#servers;
      if (this.#servers.size > MAX_SERVERS && oldest !== undefined) this.#servers.delete(oldest);
    }
  }

  #isBurst(): boolean {
    this.#burstTimer ??= setTimeout(() => {
      this.#recent = 0;
      this.#burstTimer = undefined;
    }, BURST_MS).unref();
    this.#recent += 1;
    return this.#recent > BURST;
  }

  async #tell(notification: Notification): Promise<void> {
    if (await this.#isInFront(notification.session)) return;
    const { env, notices } = this.#parts;
    const settings = await this.#parts.settings().catch((error: unknown) => {
      this.#parts.log.warn("not-configured", { reason: errorText(error) });
      return UNCONFIGURED;
    });
    const text = plainText(notification.text, { maxCells: MAX_CELLS });
    const plain = this.#plainViews();
    const told = await Promise.allSettled([
      ...[...this.#servers].map((server) => notices.announce(server, text)),
      ...[...plain].map(([hostSocket, ttys]) => notifyViews(hostSocket, ttys, text)),
      // Terminals show a desktop's notification themselves.
      plain.size === 0 && settings.desktop ? notifyDesktop(text, env) : undefined,
      runNotificationCommand(settings.command, notification, text, env),
    ]);
    const failed = told.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** A pane is in front when its server says so; any other terminal is taken to be. */
  async #isInFront(session: SessionSummary): Promise<boolean> {
    for (const { tty, server } of this.#placesOf(session)) {
      if (server === undefined || (await this.#parts.notices.isInFront(server, tty))) return true;
    }
    return false;
  }

  /** Where a session is shown: its views, or the terminal of one that pisync did not start. */
  #placesOf({ id, kind, terminal }: SessionSummary): Place[] {
    if (kind !== "external") {
      return (this.#parts.state(id)?.views ?? []).map(({ tty = "", tmux }) => ({ tty, server: tmux }));
    }
    const around = terminal?.session === undefined ? undefined : this.#parts.sessions.find(terminal.session);
    if (around !== undefined && around.kind !== "external") return this.#placesOf(around);
    return terminal === undefined ? [] : [{ tty: terminal.tty, server: terminal.tmux?.socket }];
  }

  /** By the socket of their host: the terminals that are no pane. */
  #plainViews(): Map<string, string[]> {
    const views = new Map<string, string[]>();
    for (const { id, socket } of this.#parts.sessions.all()) {
      const plain = (this.#parts.state(id)?.views ?? []).filter(({ tmux }) => tmux === undefined);
      const ttys = plain.flatMap(({ tty }) => tty ?? []);
      if (socket !== undefined && ttys.length > 0) views.set(socket, ttys);
    }
    return views;
  }
}

async function notifyViews(hostSocket: string, ttys: string[], text: string): Promise<void> {
  const options = { schema: z.unknown(), body: { ttys, text }, unreachable: "host-unreachable" } as const;
  // A host that has just ended has no views to tell.
  await requestJson(hostSocket, "POST", "/v1/views/notice", options).catch(() => undefined);
}
