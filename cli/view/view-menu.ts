import { PisyncError } from "../../runtime/failure.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { InputTokenizer } from "../../runtime/terminal-input.ts";
import { menuAfter, menuLines, type MenuCommand, type MenuRequest, type MenuState } from "./menu.ts";
import { terminalSize } from "./terminal.ts";
import type { ViewTarget } from "./view-client.ts";

/** What the menu asks of the view that it lies over. */
export interface MenuEvents {
  write(text: string): void;
  /** Back to the session, which may have a new name. */
  onBack(target: ViewTarget): void;
  /** Leave it, for the shell or for the list of sessions. */
  onDetach(to: "shell" | "sessions"): void;
  onShow(target: ViewTarget): void;
}

/**
 * Whatever the program was doing: ends a sequence of it, shows what is drawn from now on, and sets pen, margins, origin,
 * insert mode and character set. The host restores all of them.
 */
const OWN_DRAWING = "\u0018\u001b\\\u001b[?2026l\u001b[m\u001b[r\u001b[?6l\u001b[4l\u000f\u001b(B";

/**
 * The menu of a view in a plain terminal, on the last rows of its screen. It takes what is typed from its construction
 * to `close`, and draws from `begin` on, when the host has stopped sending.
 */
export class ViewMenu {
  #target: ViewTarget;
  readonly #events: MenuEvents;
  readonly #tokenizer = new InputTokenizer((event) => {
    if (this.#closed) return;
    const step = menuAfter(this.#state, event, this.#target.name);
    if ("command" in step) void this.#perform(step.command);
    else this.#become(step.state);
  });
  #state: MenuState = { kind: "choices" };
  #drawing = false;
  #height = 0;
  #closed = false;

  constructor(target: ViewTarget, events: MenuEvents) {
    this.#target = target;
    this.#events = events;
  }

  feed(bytes: Buffer): void {
    this.#tokenizer.feed(bytes);
  }

  /** @param name what the session is called by now. */
  begin(name: string | undefined): void {
    this.#target = { ...this.#target, name };
    this.#drawing = true;
    this.#draw();
  }

  /** Blanks its rows. */
  erase(): void {
    if (this.#height > 0) this.#events.write(`${OWN_DRAWING}\u001b[${this.#top};1H\u001b[J`);
  }

  /** What it lies over has to be painted anew. */
  close(): void {
    this.#closed = true;
    this.#tokenizer.close();
  }

  async #perform(command: MenuCommand): Promise<void> {
    switch (command.do) {
      case "back":
        return this.#events.onBack(this.#target);
      case "detach":
        return this.#events.onDetach("shell");
      case "sessions":
        return this.#events.onDetach("sessions");
      case "next":
      case "kill":
      case "rename":
        this.#become({ kind: "busy", what: WORK[command.do] });
        try {
          await this.#ask(command);
        } catch (error) {
          this.#become({ kind: "choices", said: sentenceOf(error) });
        }
    }
  }

  async #ask(command: MenuRequest): Promise<void> {
    // Most views never need it.
    const actions = await import("./menu-actions.ts");
    const { session } = this.#target;
    switch (command.do) {
      case "kill":
        return actions.kill(session);
      case "next": {
        const next = await actions.nextAfter(session);
        if (!this.#closed) this.#events.onShow(next);
        return;
      }
      case "rename": {
        const { title } = await actions.rename(session, command.name);
        if (!this.#closed) this.#events.onBack({ ...this.#target, title, name: title });
      }
    }
  }

  #become(state: MenuState): void {
    this.#state = state;
    if (this.#drawing && !this.#closed) this.#draw();
  }

  get #top(): number {
    return Math.max(1, terminalSize().rows - this.#height + 1);
  }

  /** What a higher menu has covered stays blank until the session is painted. */
  #draw(): void {
    const { cols, rows } = terminalSize();
    const lines = menuLines(this.#state, this.#target.title, cols).slice(-rows);
    const blank = this.#height > lines.length ? `\u001b[${this.#top};1H\u001b[J` : "";
    this.#height = Math.max(this.#height, lines.length);
    const first = rows - lines.length + 1;
    const drawn = lines.map((line, index) => `\u001b[${first + index};1H\u001b[7m${line}\u001b[m`);
    this.#events.write(OWN_DRAWING + blank + drawn.join(""));
  }
}

const WORK = { next: "Looking for it", kill: "Ending it", rename: "Renaming it" } as const;

function sentenceOf(error: unknown): string {
  const next = error instanceof PisyncError && error.next !== undefined ? ` ${error.next}` : "";
  return `${errorText(error)}${next}`;
}
