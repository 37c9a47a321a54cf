import { constants } from "node:os";
import type { SessionId } from "../../protocol/ids.ts";
import type { ViewMode } from "../../protocol/session.ts";
import type { HostToView } from "../../protocol/view.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { ownTerminal } from "../../runtime/own-terminal.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { passHangup } from "../../runtime/terminal-hangup.ts";
import { HostConnection } from "./host-connection.ts";
import { controlKey, plainKey, type Key } from "./keys.ts";
import type { CursorAtEnd } from "./screen-bytes.ts";
import { TERMINAL_QUERIES } from "./terminal-probe.ts";
import { terminalSize, ViewTerminal } from "./terminal.ts";
import { noticeBytes } from "./notice-bytes.ts";
import { ViewInput } from "./view-input.ts";
import { ViewMenu } from "./view-menu.ts";

export interface ViewTarget {
  session: SessionId;
  socket: string;
  title: string;
  /** As its user named it, as far as the host has said so. */
  name?: string | undefined;
}

export interface ViewOptions {
  mode: ViewMode;
  detachKey: Key;
  /** Opens a menu over the session; none where there is no such key. */
  menuKey?: Key | undefined;
  /** Is given a function that sends the running view to another session; false when the view is ending. */
  onRunning?: (show: (target: ViewTarget) => boolean) => void;
}

/** How a view ended, and of which session: a `switch` may have taken it to another. */
export type ViewEnding = { target: ViewTarget } & (
  | { kind: "detached"; to: "shell" | "sessions" }
  | { kind: "exited"; exitCode: number; signal?: number; cause: "exited" | "killed"; resumable: boolean }
  /** The host is gone; the daemon knows whether its conversation can be gone back to. */
  | { kind: "lost"; resumable?: boolean }
  /** The terminal is gone. */
  | { kind: "closed" }
  | { kind: "refused"; error: PisyncError }
);

/** A ViewEnding without the target, which the view knows. */
type Ending = ViewEnding extends infer Each ? (Each extends unknown ? Omit<Each, "target"> : never) : never;

/** How long a host may take to say how much of the screen is in use: on a busy machine more than an instant. */
const LEFT_DEADLINE_MS = 1_000;

/** Where this view is; it stays there. */
const PLACE = { tty: ownTerminal(), tmux: process.env.TMUX?.split(",")[0] };

const LEAVING_SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** In a read-only view nothing is typed, so the keys one tries first leave it too. */
const READ_ONLY_KEYS: readonly Key[] = [plainKey("q"), controlKey("c")];

/**
 * Shows a session in this process's terminal until it is left, its child exits, or its host goes away, and
 * has given the terminal back when it resolves. A signal to leave ends the process with 128 + its number, the
 * terminal given back. The caller has checked that there is a terminal (`requireTerminal`).
 */
export async function runView(target: ViewTarget, options: ViewOptions): Promise<ViewEnding> {
  const view = new View(target, options);
  options.onRunning?.((other) => view.show(other));
  try {
    return await view.ending;
  } finally {
    await view.close();
  }
}

class View {
  readonly ending: Promise<ViewEnding>;
  readonly #mode: ViewMode;
  readonly #terminal = new ViewTerminal();
  readonly #input: ViewInput;
  #target: ViewTarget;
  #connection: HostConnection;
  /** True once a host has taken this view: what ends it then is a loss, not a refusal. */
  #welcomed = false;
  /** True once there is a screen that a menu can lie over. */
  #painted = false;
  #menu: ViewMenu | undefined;
  #leaving = false;
  #detachTo: "shell" | "sessions" = "shell";
  /** Where the terminal goes on after the session's screen. */
  #cursorAtEnd: CursorAtEnd = "below";
  #leftDeadline: NodeJS.Timeout | undefined;
  #end!: (ending: ViewEnding) => void;

  constructor(target: ViewTarget, { mode, detachKey, menuKey }: ViewOptions) {
    this.#mode = mode;
    this.#target = target;
    this.ending = new Promise((resolve) => (this.#end = resolve));
    const detach = mode === "read-only" ? [detachKey, ...READ_ONLY_KEYS] : [detachKey];
    this.#input = new ViewInput(
      { detach, menu: menuKey },
      {
        onInput: (bytes) => {
          if (this.#menu !== undefined) this.#menu.feed(bytes);
          else if (mode === "mirror") this.#connection.sendInput(bytes);
        },
        onDetach: () => this.#detach("shell"),
        onMenuKey: (bytes) => this.#onMenuKey(bytes),
        onColours: (colours) => this.#connection.sendColours(colours),
      },
    );
    this.#connection = this.#connect("");
    this.#listen("on");
    // While the host prepares the snapshot, the terminal is made ready for it.
    this.#terminal.enterRaw();
  }

  /** Shows another session in place of this one; false when this view is ending. */
  show(target: ViewTarget): boolean {
    if (!this.#leaving && target.session !== this.#target.session) this.#moveTo(target, "");
    return !this.#leaving;
  }

  async close(): Promise<void> {
    this.#listen("off");
    this.#input.close();
    this.#dropMenu();
    this.#terminal.close();
    await this.#connection.close();
  }

  #listen(turn: "on" | "off"): void {
    for (const signal of LEAVING_SIGNALS) process[turn](signal, this.#onSignal);
    process[turn]("SIGTSTP", this.#onSuspend);
    process[turn]("SIGCONT", this.#onContinue);
    process.stdout[turn]("resize", this.#onResize);
    process.stdin[turn]("data", this.#onData);
    process.stdin[turn]("end", this.#onTerminalGone);
    process.stdin[turn]("error", this.#onTerminalGone);
  }

  /** @param notice goes into the terminal's scrollback before the session's screen. */
  #connect(notice: string): HostConnection {
    const hello = { mode: this.#mode, size: terminalSize(), ...PLACE };
    return new HostConnection(this.#target.socket, hello, {
      onMessage: (message) => this.#onMessage(message, notice),
      onOutput: (bytes, written) => {
        this.#terminal.write(bytes, written);
        if (!this.#painted && this.#menu !== undefined) this.#connection.sendPause();
        this.#painted = true;
      },
      onLost: (cause) => this.#leave(this.#welcomed ? { kind: "lost" } : unreachable(this.#target, cause)),
      onCongestion: (congested) => (congested ? process.stdin.pause() : process.stdin.resume()),
    });
  }

  #onMessage(message: HostToView, notice: string): void {
    switch (message.type) {
      case "welcome":
        this.#welcomed = true;
        this.#target = { ...this.#target, session: message.session, title: message.title, name: message.name };
        this.#terminal.prepare(notice);
        this.#terminal.write(Buffer.from(TERMINAL_QUERIES));
        this.#input.expectReplies();
        return;
      case "switch":
        this.#moveTo({ ...this.#target, session: message.session, socket: message.socket }, message.reason);
        return;
      case "exit": {
        const { exitCode, signal, cause, rows, resumable } = message;
        this.#cursorAtEnd = signal === undefined ? "keep" : (rows ?? "below");
        const named = signal === undefined ? {} : { signal };
        this.#leave({ kind: "exited", exitCode, ...named, cause, resumable: resumable ?? false });
        return;
      }
      case "notice":
        this.#terminal.write(noticeBytes(message.text));
        return;
      case "left":
        this.#cursorAtEnd = message.rows;
        this.#leave({ kind: "detached", to: this.#detachTo });
        return;
      case "paused":
        this.#menu?.begin(message.name);
        return;
      case "refused":
        this.#leave({ kind: "refused", error: PisyncError.fromBody({ error: message.error }) });
        return;
    }
  }

  #moveTo(target: ViewTarget, reason: string): void {
    this.#eraseMenu();
    this.#painted = false;
    void this.#connection.close();
    this.#target = target;
    this.#connection = this.#connect(reason === "" ? "" : `pisync: ${plainText(reason)}\r\n`);
  }

  /** Twice, the key is for the program. */
  #onMenuKey(bytes: Buffer): void {
    if (this.#menu !== undefined) {
      this.#closeMenu();
      this.#connection.sendInput(bytes);
    } else if (!this.#leaving) {
      this.#menu = new ViewMenu(this.#target, {
        write: (text) => this.#terminal.write(Buffer.from(text)),
        onBack: (target) => {
          this.#target = target;
          this.#closeMenu();
        },
        onDetach: (to) => this.#detach(to),
        onShow: (target) => this.show(target),
      });
      if (this.#painted) this.#connection.sendPause();
    }
  }

  #closeMenu(): void {
    if (this.#menu === undefined) return;
    this.#dropMenu();
    this.#connection.sendResume();
  }

  #dropMenu(): void {
    this.#menu?.close();
    this.#menu = undefined;
  }

  /** For when nobody paints over it. */
  #eraseMenu(): void {
    this.#menu?.erase();
    this.#dropMenu();
  }

  /** Asks the host where the terminal can go on; one that does not say so soon is left all the same. */
  #detach(to: "shell" | "sessions"): void {
    if (this.#leaving) return;
    this.#closeMenu();
    this.#detachTo = to;
    this.#leftDeadline = setTimeout(() => this.#leave({ kind: "detached", to }), LEFT_DEADLINE_MS);
    this.#connection.sendLeave();
  }

  /** Ends the view once everything received is on the terminal and no reply of the terminal is outstanding. */
  #leave(ending: Ending): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (ending.kind === "lost") this.#eraseMenu();
    this.#dropMenu();
    clearTimeout(this.#leftDeadline);
    const settled = ending.kind === "closed" ? [] : [this.#terminal.drained(), this.#input.repliesSettled()];
    void Promise.all(settled).then(() => {
      this.#terminal.restore(this.#cursorAtEnd);
      this.#end({ ...ending, target: this.#target });
    });
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#input.feed(bytes);
  };

  readonly #onResize = (): void => {
    this.#closeMenu();
    this.#connection.sendResize(terminalSize());
  };

  readonly #onTerminalGone = (): void => this.#leave({ kind: "closed" });

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    passHangup(signal);
    this.#terminal.restore("below");
    process.exit(128 + constants.signals[signal]);
  };

  readonly #onSuspend = (): void => {
    this.#terminal.restore("below");
    process.kill(process.pid, "SIGSTOP");
  };

  /** The shell has used the terminal meanwhile: begin again, from a fresh snapshot. */
  readonly #onContinue = (): void => {
    if (this.#leaving) return;
    this.#terminal.restore("below");
    this.#terminal.enterRaw();
    this.#moveTo(this.#target, "");
  };
}

function unreachable(target: ViewTarget, cause: Error | undefined): Ending {
  const error = new PisyncError("host-unreachable", `The host of session ${target.session} does not answer.`, {
    next: "Run pisync list to see which sessions are live.",
    facts: { session: target.session, socket: target.socket },
    cause,
  });
  return { kind: "refused", error };
}
