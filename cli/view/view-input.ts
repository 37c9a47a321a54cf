import { KeyMatcher } from "./key-matcher.ts";
import type { Key } from "./keys.ts";
import { TerminalProbe, type TerminalColours } from "./terminal-probe.ts";

/**
 * How long the beginning of an escape sequence waits for its rest, in milliseconds. Terminals write sequences
 * whole; only a read boundary or a slow line splits them, and a lone ESC is the Escape key.
 */
const HOLD_MS = 20;

/** How long the terminal may take to answer TERMINAL_QUERIES, in milliseconds. */
const PROBE_MS = 1_000;

/** The keys that the view acts on itself. */
export interface ViewKeys {
  readonly detach: readonly Key[];
  readonly menu?: Key | undefined;
}

export interface ViewInputHandlers {
  /** What was typed, in order, without the view's own keys and up to a detach key. */
  onInput(bytes: Buffer): void;
  /** Called once. */
  onDetach(): void;
  /** @param bytes the key as the terminal sent it. */
  onMenuKey(bytes: Buffer): void;
  onColours(colours: TerminalColours): void;
}

/** What a view's terminal sends, sorted: replies to the view, its own keys, and input for the host. */
export class ViewInput {
  readonly #handlers: ViewInputHandlers;
  readonly #menuKey: Key | undefined;
  readonly #matcher: KeyMatcher;
  readonly #probe = new TerminalProbe();
  #hold: NodeJS.Timeout | undefined;
  #probeDeadline: NodeJS.Timeout | undefined;
  #whenSettled: (() => void)[] = [];
  #detached = false;

  constructor({ detach, menu }: ViewKeys, handlers: ViewInputHandlers) {
    this.#menuKey = menu;
    this.#matcher = new KeyMatcher(menu === undefined ? detach : [...detach, menu]);
    this.#handlers = handlers;
  }

  /** Expects the replies to TERMINAL_QUERIES, which the caller has written. */
  expectReplies(): void {
    this.#probe.expect();
    clearTimeout(this.#probeDeadline);
    this.#probeDeadline = setTimeout(() => {
      this.#probe.giveUp();
      this.#settle();
    }, PROBE_MS);
  }

  /** Resolves when no reply is outstanding, so that none ends up in the shell's prompt. */
  async repliesSettled(): Promise<void> {
    if (!this.#probe.settled) await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
  }

  feed(bytes: Buffer): void {
    clearTimeout(this.#hold);
    const { typed, answered } = this.#probe.feed(bytes);
    this.#match(typed);
    if (answered) {
      this.#handlers.onColours(this.#probe.colours);
      this.#settle();
    }
    if (this.#probe.holding || this.#matcher.holding) this.#hold = setTimeout(() => this.#flush(), HOLD_MS);
  }

  close(): void {
    clearTimeout(this.#hold);
    clearTimeout(this.#probeDeadline);
  }

  #match(bytes: Buffer): void {
    let typed = bytes;
    while (!this.#detached) {
      const { forward, pressed } = this.#matcher.feed(typed);
      if (forward.length > 0) this.#handlers.onInput(forward);
      if (pressed === undefined) return;
      typed = pressed.rest;
      if (pressed.key === this.#menuKey) {
        this.#handlers.onMenuKey(pressed.bytes);
      } else {
        this.#detached = true;
        this.#handlers.onDetach();
      }
    }
  }

  #flush(): void {
    this.#match(this.#probe.flush());
    const held = this.#matcher.flush();
    if (held.length > 0) this.#handlers.onInput(held);
  }

  #settle(): void {
    clearTimeout(this.#probeDeadline);
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  }
}
