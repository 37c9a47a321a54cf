import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { Order } from "../../protocol/daemon-api.ts";
import { loadConfig } from "../../runtime/config.ts";
import { ensureDaemon } from "../../runtime/ensure-daemon.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { openEventStream } from "../../runtime/http-client.ts";
import { parseJson } from "../../runtime/json-file.ts";
import { ownTerminal } from "../../runtime/own-terminal.ts";
import { statePaths } from "../../runtime/paths.ts";
import { EXIT } from "../output.ts";
import { HomeScreen } from "../view/home-screen.ts";
import { detachKeyOf } from "../view/keys.ts";
import { requireTerminal } from "../view/terminal.ts";
import { runView, type ViewEnding, type ViewTarget } from "../view/view-client.ts";

/** Between attempts to reach a daemon again that went away. */
const RETRY_MS = 500;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/**
 * The view beside the sidebar: shows the session it is told to, one after another, and a few words while there
 * is none. It ends when its user closes it there, or with its terminal.
 */
export async function workspaceView(): Promise<number> {
  requireTerminal(process.env, "It is started by: pisync");
  const tty = ownTerminal();
  if (tty === undefined) throw new PisyncError("not-a-terminal", "This terminal has no device.", {});
  const view = new WorkspaceView(detachKeyOf((await loadConfig()).detachKey), tty);
  return view.run();
}

class WorkspaceView {
  readonly #detachKey: ReturnType<typeof detachKeyOf>;
  readonly #tty: string;
  readonly #closing = new AbortController();
  /** Sends the running view elsewhere; absent while there is none. */
  #show: ((target: ViewTarget) => void) | undefined;
  #ordered: ((target: ViewTarget | undefined) => void) | undefined;

  constructor(detachKey: ReturnType<typeof detachKeyOf>, tty: string) {
    this.#detachKey = detachKey;
    this.#tty = tty;
  }

  async run(): Promise<number> {
    void this.#followOrders();
    let words = WELCOME;
    for (;;) {
      const target = await this.#waitForOrder(words);
      if (target === undefined) break;
      const ending = await runView(target, {
        mode: "mirror",
        detachKey: this.#detachKey,
        onRunning: (show) => (this.#show = show),
      });
      this.#show = undefined;
      if (ending.kind === "closed") break;
      words = [...wordsAfter(ending), "", ...WELCOME];
    }
    this.#closing.abort();
    return EXIT.done;
  }

  /** Undefined when the user closes the view. */
  async #waitForOrder(words: readonly string[]): Promise<ViewTarget | undefined> {
    const home = new HomeScreen((key) => {
      if (key === "q" || key === CTRL_C || key === CTRL_D) this.#ordered?.(undefined);
    });
    const onSignal = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
    home.enter(words);
    const target = await new Promise<ViewTarget | undefined>((resolve) => {
      this.#ordered = resolve;
      process.stdin.once("end", () => resolve(undefined));
    });
    this.#ordered = undefined;
    home.close();
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, onSignal);
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
        await stream.ended;
      } catch {
        // The daemon is being replaced or cannot start: the sidebar says so, and the next attempt may fare better.
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #obey({ session, socket, title }: Order): void {
    const target = { session, socket, title };
    if (this.#show !== undefined) this.#show(target);
    else this.#ordered?.(target);
  }
}

const WELCOME = ["Choose a session in the sidebar,", "or press n there for a new pi.", "", "q closes this pane."];

function wordsAfter(ending: ViewEnding): string[] {
  const { title } = ending.target;
  switch (ending.kind) {
    case "detached":
    case "closed":
      return [];
    case "exited":
      return [ending.cause === "killed" ? "Killed:" : `Ended with code ${ending.exitCode}:`, title];
    case "lost":
      return ["Its host died:", title];
    case "refused":
      return [ending.error.message];
  }
}
