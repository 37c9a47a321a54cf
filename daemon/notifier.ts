import { spawn } from "node:child_process";
import type { NoticeAdapter } from "../adapters/multiplexers/notice-adapter.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { HostState, SessionSummary } from "../protocol/session.ts";
import type { Config } from "../runtime/config.ts";
import { findProgram } from "../runtime/find-program.ts";
import { requestJson } from "../runtime/http-client.ts";
import type { Log } from "../runtime/log.ts";
import { errorText, plainText } from "../runtime/sanitise.ts";
import { notificationOf, type Notification } from "./notifications.ts";
import type { SessionList } from "./session-list.ts";
import * as z from "zod";

/** A user's command, or notify-send, that hangs is ended. */
const COMMAND_MS = 10_000;
/** Of more that happens within a second only the first are told one by one. */
const BURST = 5;
const BURST_MS = 1_000;
const MAX_CELLS = 200;

export interface NotifierParts {
  sessions: Pick<SessionList, "all" | "onChange">;
  /** What the host of a session said last. */
  state: (id: SessionId) => HostState | undefined;
  isMuted: (id: SessionId) => boolean;
  notices: NoticeAdapter;
  settings: Config["notifications"];
  /** The daemon's own environment: whether there is a desktop. */
  env: Record<string, string>;
  log: Log;
}

/** A terminal that a person may be at. */
interface Place {
  tty: string;
  tmux: string | undefined;
  hostSocket: string;
}

/** Tells people that a session finished unseen, failed, or waits for them: once, and not of what is in front of them. */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #before = new Map<SessionId, SessionSummary>();
  readonly #unsubscribe: () => void;
  #recent = 0;
  #burstTimer: NodeJS.Timeout | undefined;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    for (const session of parts.sessions.all()) this.#before.set(session.id, session);
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
    this.#before.set(session.id, session);
    if (notification === undefined || this.#parts.isMuted(session.id) || this.#isBurst()) return;
    void this.#tell(notification).catch((error: unknown) => {
      this.#parts.log.warn("not-notified", { session: session.id, reason: errorText(error) });
    });
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
    const text = plainText(notification.text, { maxCells: MAX_CELLS });
    const places = this.#places();
    const plain = places.filter(({ tmux }) => tmux === undefined);
    const servers = new Set(places.flatMap(({ tmux }) => tmux ?? []));
    await Promise.all([
      ...[...servers].map((socket) => this.#parts.notices.announce(socket, text)),
      ...plain.map(({ tty, hostSocket }) => notifyView(hostSocket, tty, text)),
      // Terminals show a desktop's notification themselves.
      plain.length === 0 && this.#parts.settings.desktop ? this.#notifyDesktop(text) : undefined,
      this.#runCommand(notification, text),
    ]);
  }

  /** A view in tmux is in front when its pane is; any other one is taken to be. */
  async #isInFront({ id }: SessionSummary): Promise<boolean> {
    for (const { tty, tmux } of this.#parts.state(id)?.views ?? []) {
      if (tty === undefined || tmux === undefined) return true;
      if (await this.#parts.notices.isInFront(tmux, tty)) return true;
    }
    return false;
  }

  #places(): Place[] {
    return this.#parts.sessions
      .all()
      .flatMap(({ id, socket }) =>
        socket === undefined
          ? []
          : (this.#parts.state(id)?.views ?? []).flatMap(({ tty, tmux }) =>
              tty === undefined ? [] : [{ tty, tmux, hostSocket: socket }],
            ),
      );
  }

  async #notifyDesktop(text: string): Promise<void> {
    const { env } = this.#parts;
    if (process.platform === "darwin") {
      // The text is an argument of the script, never a part of it.
      const script = ["on run argv", 'display notification (item 1 of argv) with title "pisync"', "end run"];
      return run("osascript", [...script.flatMap((line) => ["-e", line]), text], env);
    }
    if (env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return;
    const program = await findProgram("notify-send", env, "/").catch(() => undefined);
    if (program !== undefined) await run(program, ["--app-name=pisync", "--", "pisync", text], env);
  }

  async #runCommand({ kind, session }: Notification, text: string): Promise<void> {
    const [program, ...args] = this.#parts.settings.command;
    if (program === undefined) return;
    const { id, title, cwd, conversation } = session;
    await run(program, args, {
      ...this.#parts.env,
      PISYNC_EVENT: kind,
      PISYNC_SESSION_ID: id,
      PISYNC_TITLE: plainText(title),
      PISYNC_CWD: cwd,
      PISYNC_TEXT: text,
      ...(conversation === undefined ? {} : { PISYNC_CONVERSATION: conversation.id }),
    });
  }
}

async function notifyView(hostSocket: string, tty: string, text: string): Promise<void> {
  const options = { schema: z.unknown(), body: { ttys: [tty], text }, unreachable: "host-unreachable" } as const;
  // A host that has just ended has no views to tell.
  await requestJson(hostSocket, "POST", "/v1/views/notice", options).catch(() => undefined);
}

/** Runs a program to its end. @throws when it cannot be started. */
async function run(program: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: "ignore", timeout: COMMAND_MS, killSignal: "SIGKILL" });
    child.once("error", reject);
    child.once("exit", () => resolve());
  });
}
