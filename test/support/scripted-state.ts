import type { DaemonInfo } from "../../protocol/daemon-api.ts";
import type { IndexState, StateChange } from "../../protocol/daemon-state.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { createStateStream } from "../../daemon/api/state-stream.ts";
import { createRouter } from "../../runtime/http-router.ts";
import { listenUnix } from "../../runtime/http-server.ts";
import { statePaths } from "../../runtime/paths.ts";
import { ensureStateDirectories } from "../../runtime/secure-directory.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import type { TemporaryWorld } from "./temporary-world.ts";

const INDEX: IndexState = {
  state: "ready",
  conversations: 0,
  scanned: 0,
  found: 0,
  since: 0,
  textPendingBytes: 0,
  troubles: [],
};

/**
 * The daemon's state stream on the daemon's socket, with sessions that a script decides: for what shows sessions, not
 * for what starts them.
 */
export class ScriptedState implements AsyncDisposable {
  readonly #sessions: Map<string, SessionSummary>;
  readonly #listeners: Set<(change: StateChange) => void>;
  readonly #close: () => Promise<void>;

  private constructor(
    sessions: Map<string, SessionSummary>,
    listeners: Set<(change: StateChange) => void>,
    close: () => Promise<void>,
  ) {
    this.#sessions = sessions;
    this.#listeners = listeners;
    this.#close = close;
  }

  static async start(world: TemporaryWorld, sessions: readonly SessionSummary[]): Promise<ScriptedState> {
    const paths = statePaths(world.env);
    await ensureStateDirectories(paths);
    const present = new Map(sessions.map((session) => [session.id, session]));
    const listeners = new Set<(change: StateChange) => void>();
    const stream = createStateStream({
      sessions: {
        all: () => [...present.values()],
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      index: { state: () => INDEX, onState: () => () => undefined },
      preferences: { mutedAll: false, onChange: () => () => undefined },
    });
    const info: DaemonInfo = {
      version: PACKAGE_VERSION,
      protocol: PROTOCOL_VERSION,
      pid: process.pid,
      startedAt: Date.now(),
      stateDirectory: paths.stateDirectory,
      socket: paths.daemonSocket,
      liveSessions: sessions.length,
    };
    const router = createRouter()
      .get("/v1/daemon", () => info)
      .get("/v1/events", (request) => stream.serve(request));
    const server = await listenUnix(router, paths.daemonSocket);
    return new ScriptedState(present, listeners, async () => {
      stream.close();
      await server.close();
    });
  }

  /** New or different sessions, in one change. */
  change(...changed: readonly SessionSummary[]): void {
    for (const session of changed) this.#sessions.set(session.id, session);
    for (const listener of this.#listeners) listener({ changed: [...changed], removed: [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
