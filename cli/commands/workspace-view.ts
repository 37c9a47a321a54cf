import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { LaunchAnswer, Order } from "../../protocol/daemon-api.ts";
import { SessionSummary } from "../../protocol/session.ts";
import { loadConfig } from "../../runtime/config.ts";
import { ensureDaemon } from "../../runtime/ensure-daemon.ts";
import { launchEnvironment } from "../../runtime/environment.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { openEventStream } from "../../runtime/event-stream.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { parseJson } from "../../runtime/json-file.ts";
import { ownTerminal } from "../../runtime/own-terminal.ts";
import { statePaths } from "../../runtime/paths.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { passHangup } from "../../runtime/terminal-hangup.ts";
import { followSession } from "../follow-session.ts";
import { EXIT } from "../output.ts";
import { HomeScreen } from "../view/home-screen.ts";
import { homeLines, leftNow, type Left } from "../view/home-lines.ts";
import { keyOfSetting, type Key } from "../view/keys.ts";
import { requireTerminal, terminalSize } from "../view/terminal.ts";
import { runView, type ViewTarget } from "../view/view-client.ts";

/** Between attempts to reach a daemon again that went away. */
const RETRY_MS = 500;
/** The host has to report first. */
const RESUME_MS = 40_000;
/** A key that closes the view is taken for one typed into the session that has just ended, for so long. */
const MEANT_FOR_SESSION_MS = 500;
const SIGNALS = ["SIGTERM", "SIGHUP"] as const;
const CLOSING_KEYS: readonly string[] = ["q", "\u0003", "\u0004"];

/**
 * The view beside the sidebar: shows the session it is told to, one after another, and a few words while there
 * is none. It ends when its user closes it there, or with its terminal.
 * @param first the session to begin with.
 */
export async function workspaceView(first: string | undefined): Promise<number> {
  requireTerminal(process.env, "It is started by: pisync");
  const tty = ownTerminal();
  if (tty === undefined) throw new PisyncError("not-a-terminal", "This terminal has no device.");
  const view = new WorkspaceView(keyOfSetting((await loadConfig()).detachKey), tty);
  return view.run(first === undefined ? undefined : await bringBack(first));
}

class WorkspaceView {
  readonly #detachKey: Key;
  readonly #tty: string;
  readonly #closing = new AbortController();
  /** Resolves when the first attempt to listen for orders has gone well or failed. */
  readonly #attempted = Promise.withResolvers<void>();
  /** Shows a session in the running view or in place of the home screen; false when that is just ending. */
  #show: (target: ViewTarget) => boolean = () => false;
  /** What was ordered meanwhile. */
  #ordered: ViewTarget | undefined;

  constructor(detachKey: Key, tty: string) {
    this.#detachKey = detachKey;
    this.#tty = tty;
  }

  async run(first: ViewTarget | undefined): Promise<number> {
    void this.#followOrders();
    let left: Left | undefined;
    for (let target = first; ; target = this.#takeOrdered()) {
      target ??= await this.#waitForTarget(left);
      if (target === undefined) break;
      const ending = await runView(target, {
        mode: "mirror",
        detachKey: this.#detachKey,
        onRunning: (show) => (this.#show = show),
      });
      if (ending.kind === "closed") break;
      left = ending;
    }
    this.#closing.abort();
    return EXIT.done;
  }

  /** Undefined when the user closes the view. */
  async #waitForTarget(left: Left | undefined): Promise<ViewTarget | undefined> {
    const { promise, resolve } = Promise.withResolvers<ViewTarget | undefined>();
    const waiting = new AbortController();
    const closesFrom = left === undefined ? 0 : performance.now() + MEANT_FOR_SESSION_MS;
    const home = new HomeScreen({
      onKey: (key) => {
        if (CLOSING_KEYS.includes(key) && performance.now() > closesFrom) resolve(undefined);
        if (key === "\r" && left !== undefined) {
          const { target } = left;
          bringBack(target.session).then(resolve, (error: unknown) => show({ kind: "refused", target, error }));
        }
        if (key === "s") {
          showSidebar().catch((error: unknown) => home.show([errorText(error), "", ...homeLines(left)]));
        }
      },
      onGone: () => resolve(undefined),
    });
    const show = (now: Left) => {
      left = now;
      home.show(homeLines(left));
    };
    const onSignal = (signal: NodeJS.Signals) => {
      passHangup(signal);
      process.exit(128 + constants.signals[signal]);
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
    this.#show = (target) => {
      resolve(target);
      return true;
    };
    // A choice made in the sidebar before this view listens would be shown in a new pane: nobody is asked for one yet.
    home.enter();
    void this.#attempted.promise.then(() => home.show(homeLines(left)));
    if (left !== undefined) {
      void follow(left.target.session, waiting.signal, (session) => {
        if (left !== undefined) show(leftNow(left, session));
      });
    }
    const target = await promise;
    waiting.abort();
    home.close();
    for (const signal of SIGNALS) process.off(signal, onSignal);
    return target;
  }

  #obey(target: ViewTarget): void {
    if (!this.#show(target)) this.#ordered = target;
  }

  #takeOrdered(): ViewTarget | undefined {
    const target = this.#ordered;
    this.#ordered = undefined;
    return target;
  }

  /** Listens for as long as this view is there, to whatever daemon there is. */
  async #followOrders(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const { socket } = await ensureDaemon(statePaths());
        const stream = await openEventStream(socket, `/v1/orders?tty=${encodeURIComponent(this.#tty)}`, {
          onEvent: ({ event, data }) => {
            if (event === "show") this.#obey(parseJson(data, Order, "The order"));
          },
          signal,
        });
        this.#attempted.resolve();
        await stream.ended;
      } catch {
        // The daemon is being replaced or cannot start: the sidebar says so, and the next attempt may fare better.
      }
      this.#attempted.resolve();
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Tells how a session is, until `signal`. When the daemon cannot say more, what it said last stays. */
async function follow(id: string, signal: AbortSignal, see: (session: SessionSummary) => void): Promise<void> {
  const { followState } = await import("../../client/follow-state.ts");
  const seeListed = (session: SessionSummary | undefined) => session !== undefined && see(session);
  await followSession(followState(statePaths(), { signal }), id, seeListed).catch(() => undefined);
}

async function showSidebar(): Promise<void> {
  const workspace = await import("./workspace.ts");
  await workspace.showSidebar();
}

/** The session, resumed when it is not live. @throws PisyncError the daemon's refusal. */
async function bringBack(id: string): Promise<ViewTarget> {
  const { socket } = await ensureDaemon(statePaths());
  const path = `/v1/target?session=${encodeURIComponent(id)}`;
  const found = await requestJson(socket, "GET", path, { schema: SessionSummary });
  return targetOf(found.kind === "live" ? found : await resumed(socket, found.id));
}

async function resumed(daemonSocket: string, id: string): Promise<SessionSummary> {
  const body = { env: launchEnvironment(process.env), size: terminalSize(), expectsView: true };
  const options = { schema: LaunchAnswer, body, timeoutMs: RESUME_MS };
  return (await requestJson(daemonSocket, "POST", `/v1/sessions/${id}/resume`, options)).session;
}

function targetOf({ id, socket, title }: SessionSummary): ViewTarget {
  if (socket !== undefined) return { session: id, socket, title };
  throw new PisyncError("not-live", `Session ${id} (${title}) has ended already.`);
}
