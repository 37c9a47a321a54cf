import type { Places } from "./directories.ts";
import { Effects } from "./effects.ts";
import type { InputEvent } from "../runtime/terminal-input.ts";
import { emptyModel, type Back, type Model } from "./model.ts";
import { PULSE_MS, pulses, screenLines, type Look } from "./rows.ts";
import { followState } from "./state-follower.ts";
import type { SidebarTerminal } from "./terminal.ts";
import { update, type Message } from "./update.ts";
import type { StatePaths } from "../runtime/paths.ts";
import type { Workspace } from "./workspace.ts";

/** Ages are shown in whole units; nothing changes faster unless something pulses. */
const AGE_MS = 5_000;
/** Changes that come together are drawn together. */
const FRAME_MS = 16;
/** While its user is busy in it, the sidebar looks at most this often what is around it. */
const LOOK_MS = 1_000;

export interface SidebarParts {
  terminal: SidebarTerminal;
  workspace: Workspace;
  look: Look;
  places: Places;
  /** What Esc does before a session was shown in its place. */
  back: Back | undefined;
  paths: StatePaths;
}

/** The running sidebar: state from the daemon and input from the terminal into the model, the model onto the screen. */
export class Sidebar {
  readonly #parts: SidebarParts;
  readonly #effects: Effects;
  readonly #following = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  readonly #waiting = new Set<() => void>();
  #model: Model;
  #frame: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  constructor(parts: SidebarParts) {
    this.#parts = parts;
    this.#model = { ...emptyModel(parts.terminal.size, parts.places), back: parts.back };
    this.#effects = new Effects({
      daemonSocket: parts.paths.daemonSocket,
      workspace: parts.workspace,
      model: () => this.#model,
      until: (isSo, timeoutMs) => this.#until(isSo, timeoutMs),
      onMessage: (message) => this.#receive(message),
      onClose: () => this.close(),
    });
  }

  /** Resolves when its user has closed it, or its terminal is gone. */
  run(): Promise<void> {
    this.#parts.terminal.listen({
      onInput: (event) => this.#receive({ type: "input", event }),
      onResize: (size) => this.#receive({ type: "resize", size }),
      onGone: () => this.close(),
    });
    this.#draw();
    void followState(this.#parts.paths, this.#following.signal, (message) => this.#receive(message));
    void this.#lookAround();
    return this.#closed.promise;
  }

  close(): void {
    this.#following.abort();
    clearTimeout(this.#frame);
    clearTimeout(this.#clock);
    for (const resolve of this.#waiting) resolve();
    this.#closed.resolve();
  }

  #receive(message: Message): void {
    if (this.#following.signal.aborted) return;
    const before = this.#model;
    const { model, effects } = update(before, message, this.#parts.look.keys);
    this.#model = model;
    for (const resolve of this.#waiting) resolve();
    for (const effect of effects) this.#effects.run(effect);
    if (this.#mayHaveMoved(before, message)) void this.#lookAround();
    this.#frame ??= setTimeout(() => this.#draw(), message.type === "input" ? 0 : FRAME_MS);
  }

  #draw(): void {
    clearTimeout(this.#frame);
    clearTimeout(this.#clock);
    this.#frame = undefined;
    if (this.#following.signal.aborted) return;
    this.#parts.terminal.draw(screenLines(this.#model, this.#parts.look, Date.now()), this.#model.focused);
    this.#clock = setTimeout(() => this.#draw(), pulses(this.#model) ? PULSE_MS : AGE_MS);
  }

  /**
   * Whether terminals may have come or gone around the sidebar. Asking costs a process, so nothing is asked while
   * nothing happens: views tell where they are, and who moves panes about comes by.
   */
  #mayHaveMoved({ sessions }: Model, message: Message): boolean {
    if (message.type === "change") {
      return message.changed.some(({ id, shownOn }) => String(shownOn) !== String(sessions.get(id)?.shownOn));
    }
    if (message.type === "input") return isDeliberate(message.event) && Date.now() - this.#lookedAt > LOOK_MS;
    return message.type === "snapshot" || message.type === "resize";
  }

  async #lookAround(): Promise<void> {
    this.#lookedAt = Date.now();
    const terminals = await this.#parts.workspace.around().catch(() => []);
    this.#receive({ type: "around", terminals });
  }

  async #until(isSo: (model: Model) => boolean, timeoutMs: number): Promise<void> {
    if (isSo(this.#model) || this.#following.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (isSo(this.#model) || this.#following.signal.aborted) resolve();
    };
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(look);
    await promise;
    this.#waiting.delete(look);
    clearTimeout(timer);
  }
}

/** Not the mouse on its way, nor the end of what began elsewhere. */
function isDeliberate(event: InputEvent): boolean {
  if (event.type === "focus") return event.focused;
  return event.type !== "mouse" || event.action === "press" || event.action === "right";
}
