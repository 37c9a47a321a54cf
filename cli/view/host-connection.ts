import { createConnection } from "node:net";
import { WebSocket } from "ws";
import type { Size, ViewMode } from "../../protocol/session.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { HostToView, VIEW_PATH, type ViewToHost } from "../../protocol/view.ts";
import { INTERPRETED } from "../../runtime/json-file.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import type { TerminalColours } from "./terminal-probe.ts";

/** Input is sent in messages of at most this size; the host refuses larger ones. */
const INPUT_MESSAGE_BYTES = 64 * 1024;
/** With more input than this on its way, reading the terminal stops until most of it is gone. */
const MAX_BUFFERED_INPUT = 1024 * 1024;
const RESUME_BUFFERED_INPUT = 256 * 1024;

/** Output is acknowledged every so many bytes, and this many milliseconds after the last of it. */
const ACK_BYTES = 32 * 1024;
const ACK_TRAILING_MS = 10;

/** The largest message taken from a host: a snapshot with 10,000 lines of colour is under 2 MiB. */
const MAX_OUTPUT_MESSAGE_BYTES = 32 * 1024 * 1024;
const HANDSHAKE_MS = 5_000;
/** How long a host may take to say goodbye to a view that leaves. */
const CLOSE_MS = 500;

export interface HostConnectionHandlers {
  onMessage(message: HostToView): void;
  /** Terminal bytes; `written` is to be called when the terminal has taken them. */
  onOutput(bytes: Buffer, written: () => void): void;
  /** The connection ended without `close` having been called. */
  onLost(cause: Error | undefined): void;
  /** True: take no more input. False: go on. */
  onCongestion(congested: boolean): void;
}

/** What a view says of itself. */
export interface ViewHello {
  mode: ViewMode;
  size: Size;
  tty?: string | undefined;
  tmux?: string | undefined;
}

/** One view's WebSocket to one host, as protocol/view.ts describes it. */
export class HostConnection {
  readonly #socket: WebSocket;
  readonly #handlers: HostConnectionHandlers;
  #size: Size;
  #written = 0;
  #acknowledged = 0;
  #ackTimer: NodeJS.Timeout | undefined;
  /** Typed before the connection was open. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #congested = false;
  #closing = false;

  constructor(socketPath: string, hello: ViewHello, handlers: HostConnectionHandlers) {
    this.#handlers = handlers;
    this.#size = hello.size;
    this.#socket = new WebSocket(`ws://localhost${VIEW_PATH}`, {
      // A path, not a ws+unix: URL: a directory may hold any character.
      createConnection: () => createConnection({ path: socketPath }),
      perMessageDeflate: false,
      maxPayload: MAX_OUTPUT_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
    });
    let failure: Error | undefined;
    this.#socket.on("open", () => {
      const facts = { mode: hello.mode, tty: hello.tty, tmux: hello.tmux, ...this.#size };
      this.#send({ type: "hello", protocol: PROTOCOL_VERSION, version: PACKAGE_VERSION, ...facts });
      this.#earlyBytes = 0;
      for (const bytes of this.#early.splice(0)) this.sendInput(bytes);
      this.#relieve();
    });
    this.#socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    this.#socket.on("error", (error) => (failure = error));
    this.#socket.on("close", () => {
      clearTimeout(this.#ackTimer);
      if (!this.#closing) handlers.onLost(failure);
    });
  }

  /** Sends what was typed, in order; what is typed before the connection is open follows its `hello`. */
  sendInput(bytes: Buffer): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#early.push(Buffer.from(bytes));
      this.#earlyBytes += bytes.length;
    } else if (this.#socket.readyState === WebSocket.OPEN) {
      for (let at = 0; at < bytes.length; at += INPUT_MESSAGE_BYTES) {
        this.#socket.send(bytes.subarray(at, at + INPUT_MESSAGE_BYTES), { binary: true }, () => this.#relieve());
      }
    }
    if (!this.#congested && this.#waitingBytes > MAX_BUFFERED_INPUT) {
      this.#congested = true;
      this.#handlers.onCongestion(true);
    }
  }

  /** Before the connection is open, it is the size that `hello` will tell. */
  sendResize(size: Size): void {
    this.#size = size;
    this.#send({ type: "resize", ...size });
  }

  sendColours(colours: TerminalColours): void {
    this.#send({ type: "colours", ...colours });
  }

  /** Says that the view is going; the host answers `left`. */
  sendLeave(): void {
    this.#send({ type: "leave" });
  }

  /** Asks for no more output; the host answers `paused` behind the last of it. */
  sendPause(): void {
    this.#send({ type: "pause" });
  }

  /** Asks for the screen anew, whatever is on the terminal's rows by now. */
  sendResume(): void {
    this.#send({ type: "resume" });
  }

  /** Ends the connection after everything sent so far, and resolves when that is done. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#ackTimer);
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    const deadline = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    this.#socket.close(1000);
    await closed;
    clearTimeout(deadline);
  }

  get #waitingBytes(): number {
    return this.#earlyBytes + this.#socket.bufferedAmount;
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closing) return;
    if (isBinary) {
      this.#handlers.onOutput(data, () => this.#wrote(data.length));
      return;
    }
    const message = parseMessage(data.toString("utf8"));
    if (message !== undefined) this.#handlers.onMessage(message);
  }

  #wrote(bytes: number): void {
    this.#written += bytes;
    if (this.#written - this.#acknowledged >= ACK_BYTES) this.#acknowledge();
    else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_TRAILING_MS);
  }

  #acknowledge(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#acknowledged = this.#written;
    this.#send({ type: "ack", bytes: this.#written });
  }

  #relieve(): void {
    if (!this.#congested || this.#waitingBytes > RESUME_BUFFERED_INPUT) return;
    this.#congested = false;
    this.#handlers.onCongestion(false);
  }

  #send(message: ViewToHost): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** A message of a newer host that this view does not know is none of its business. */
function parseMessage(text: string): HostToView | undefined {
  try {
    const parsed = HostToView.safeParse(JSON.parse(text), INTERPRETED);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
