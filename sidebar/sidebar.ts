import { homedir } from "node:os";
import type { SessionId } from "../protocol/ids.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { Effects } from "./effects.ts";
import type { InputEvent } from "./input.ts";
import type { Keys } from "./keybindings.ts";
import type { Appearance } from "./marks.ts";
import { emptyModel, type Model } from "./model.ts";
import { PULSE_MS, pulses, screenLines } from "./rows.ts";
import { followState } from "./state-follower.ts";
import type { SidebarTerminal } from "./terminal.ts";
import { update, type Message } from "./update.ts";
import type { Workspace } from "./workspace.ts";

/** Ages are shown in whole units; nothing changes faster unless something pulses. */
const AGE_MS = 5_000;
/** Changes that come together are drawn together. */
const FRAME_MS = 16;
/** The neighbour may have become another pane. */
const NEIGHBOUR_MS = 1_000;

export interface SidebarParts {
  terminal: (handlers: { onInput(event: InputEvent): void; onResize(size: Model["size"]): void }) => SidebarTerminal;
  workspace: (terminal: SidebarTerminal) => Promise<Workspace>;
  keys: Keys;
  appearance: Appearance;
  paths: StatePaths;
}

/** The running sidebar: state from the daemon and input from the terminal into the model, the model onto the screen. */
export class Sidebar {
  /** Resolves when its user has closed it. */
  readonly closed: Promise<void>;
  readonly #parts: SidebarParts;
  readonly #terminal: SidebarTerminal;
  readonly #following = new AbortController();
  #effects!: Effects;
  #workspace!: Workspace;
  #model: Model;
  #frame: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #neighbourTimer: NodeJS.Timeout | undefined;
  #resolveClosed!: () => void;

  constructor(parts: SidebarParts) {
    this.#parts = parts;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#terminal = parts.terminal({
      onInput: (event) => this.#receive({ type: "input", event }),
      onResize: (size) => this.#receive({ type: "resize", size }),
    });
    this.#model = emptyModel(this.#terminal.size, homedir());
  }

  async start(): Promise<void> {
    this.#draw();
    this.#workspace = await this.#parts.workspace(this.#terminal);
    this.#effects = new Effects({
      daemonSocket: this.#parts.paths.daemonSocket,
      workspace: this.#workspace,
      model: () => this.#model,
      onMessage: (message) => this.#receive(message),
      onClose: () => this.close(),
    });
    void followState(this.#parts.paths, this.#following.signal, (message) => this.#receive(message));
    this.#lookAtNeighbour();
  }

  close(): void {
    this.#following.abort();
    for (const timer of [this.#frame, this.#clock, this.#neighbourTimer]) clearTimeout(timer);
    this.#terminal.close();
    this.#resolveClosed();
  }

  #receive(message: Message): void {
    const { model, effects } = update(this.#model, message, this.#parts.keys);
    this.#model = model;
    for (const effect of effects) this.#effects.run(effect);
    this.#frame ??= setTimeout(() => this.#draw(), message.type === "input" ? 0 : FRAME_MS);
  }

  #draw(): void {
    clearTimeout(this.#frame);
    clearTimeout(this.#clock);
    this.#frame = undefined;
    if (this.#following.signal.aborted) return;
    this.#terminal.draw(screenLines(this.#model, this.#parts.appearance, Date.now()), this.#model.focused);
    this.#clock = setTimeout(() => this.#draw(), pulses(this.#model) ? PULSE_MS : AGE_MS);
  }

  /** Which session the neighbour shows is known from the session's views; which pane it is, only by looking. */
  #lookAtNeighbour(): void {
    void this.#workspace
      .neighbour()
      .catch(() => undefined)
      .then((tty) => {
        if (this.#following.signal.aborted) return;
        const shown = tty === undefined ? undefined : this.#shownOn(tty);
        if (shown !== this.#model.shown) this.#receive({ type: "shown", session: shown });
        this.#neighbourTimer = setTimeout(() => this.#lookAtNeighbour(), NEIGHBOUR_MS);
      });
  }

  #shownOn(tty: string): SessionId | undefined {
    for (const session of this.#model.sessions.values()) if (session.shownOn?.includes(tty)) return session.id;
    return undefined;
  }
}
