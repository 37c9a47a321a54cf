import type { Size } from "../protocol/session.ts";
import { ClipboardGate } from "./clipboard-gate.ts";
import { IdleMemory } from "../runtime/idle-memory.ts";
import type { Pty } from "./pty.ts";
import { Screen } from "./screen/screen.ts";
import type { SizePolicy } from "./size-policy.ts";
import { CONTINUE_AFTER_MS, holdsSuspendKey } from "./suspend-key.ts";
import { Views, type ViewsEvents } from "./views.ts";

/** Output is handed on at the latest at this size; below it, once per turn of the event loop. */
const BATCH_BYTES = 128 * 1024;
/** The emulator may lag this far behind before the child has to wait for it, in bytes. */
const LAG_HIGH_BYTES = 4 * 1024 * 1024;
const LAG_LOW_BYTES = 1024 * 1024;
const LAG_POLL_MS = 5;

export interface TerminalOptions {
  size: Size;
  scrollback: number;
  sizePolicy: SizePolicy;
}

/**
 * The screen path: pseudo-terminal, emulator and views of one session. Output is forwarded first and parsed
 * after, once. Owns the screen and the views; the pty is handed in because it starts before this is loaded.
 */
export class Terminal {
  readonly screen: Screen;
  readonly views: Views;
  readonly #pty: Pty;
  readonly #clipboard = new ClipboardGate();
  readonly #memory = new IdleMemory();
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #flushDue = false;
  #lagging = false;
  #clipboardWrite: Buffer | undefined;
  #title: string | undefined;
  #titleDue = false;

  constructor(pty: Pty, options: TerminalOptions, events: Omit<ViewsEvents, "onInput" | "onSize" | "onColours">) {
    this.#pty = pty;
    this.screen = new Screen({ size: options.size, scrollback: options.scrollback });
    this.screen.onReply = (bytes) => pty.write(bytes);
    this.screen.onTitle = (title) => {
      if (this.#title !== undefined && title !== this.#title) this.#titleSoon();
    };
    this.views = new Views(this.screen, options.sizePolicy, {
      ...events,
      onInput: (bytes) => {
        if (holdsSuspendKey(bytes)) this.#continueSoon();
        return pty.write(bytes);
      },
      onSize: (size) => this.#resize(size),
      onColours: (colours) => this.screen.setColours(colours),
    });
  }

  /**
   * Calls the terminals of all views so from now on, whatever the child calls them. The title becomes a part of the
   * output, as if the child had set it, so that whoever is painted later has it too. It is plain text.
   */
  set title(title: string) {
    if (title === this.#title) return;
    this.#title = title;
    this.#titleSoon();
  }

  /** Takes output of the child. */
  receive(chunk: Buffer): void {
    this.#memory.worked(chunk.length);
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    if (this.#batchBytes >= BATCH_BYTES) this.#flush();
    else if (!this.#flushDue) {
      this.#flushDue = true;
      setImmediate(() => {
        this.#flushDue = false;
        this.#flush();
      });
    }
  }

  /** Resolves when all output so far is with the views and in the emulator. */
  async drain(): Promise<void> {
    this.#flush();
    await new Promise<void>((resolve) => this.screen.whenParsed(resolve));
  }

  close(): void {
    this.#memory.close();
    this.views.close();
    this.screen.dispose();
  }

  #flush(): void {
    const only = this.#batch.length === 1 ? this.#batch[0] : undefined;
    if (this.#batchBytes === 0) return;
    const output = only ?? Buffer.concat(this.#batch, this.#batchBytes);
    this.#batch = [];
    this.#batchBytes = 0;
    const { bytes, clipboard } = this.#clipboard.push(output);
    if (bytes.length > 0) this.#handOn(bytes);
    if (clipboard) this.#clipboardWrite = clipboard;
    if (this.#clipboardWrite || this.#titleDue) this.screen.whenParsed(() => this.#interpose());
    if (this.screen.pendingBytes >= LAG_HIGH_BYTES && !this.#lagging) this.#waitForEmulator();
  }

  #handOn(bytes: Buffer): void {
    this.views.deliver(bytes);
    this.screen.write(bytes);
    this.views.delivered();
  }

  #titleSoon(): void {
    if (this.#titleDue) return;
    this.#titleDue = true;
    this.screen.whenParsed(() => this.#interpose());
  }

  /** Clipboard and title go between two sequences: at a point that emulator and views have both reached. */
  #interpose(): void {
    if (this.screen.pendingBytes > 0 || !this.screen.atGround) return;
    if (this.#clipboardWrite) this.views.deliverToLastTyped(this.#clipboardWrite);
    this.#clipboardWrite = undefined;
    if (this.#titleDue) this.#handOn(Buffer.from(`\x1b]0;${this.#title}\x1b\\`));
    this.#titleDue = false;
  }

  #waitForEmulator(): void {
    this.#lagging = this.screen.pendingBytes > LAG_LOW_BYTES;
    if (this.#lagging) {
      this.#pty.pause();
      setTimeout(() => this.#waitForEmulator(), LAG_POLL_MS);
    } else {
      this.#pty.resume();
    }
  }

  /** A child that suspends itself has no shell that could continue it. */
  #continueSoon(): void {
    for (const delayMs of CONTINUE_AFTER_MS) setTimeout(() => this.#pty.signal("SIGCONT"), delayMs).unref();
  }

  /** The emulator changes its size between the output for the old size and that for the new. */
  #resize(size: Size): void {
    this.#flush();
    this.screen.whenParsed(() => {
      this.screen.resize(size);
      this.#pty.resize(size);
      this.views.reconsiderSizes();
    });
  }
}
