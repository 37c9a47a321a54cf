import xterm from "@xterm/headless";
import { WebSocket } from "ws";
import { HostToView, type ViewToHost } from "../../protocol/view.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Size, ViewMode } from "../../protocol/session.ts";
import { waitFor } from "./wait-for.ts";

export interface ViewOptions {
  size?: Size;
  mode?: ViewMode;
  scrollback?: number;
  tty?: string;
}

/** A view that draws on an emulator of its own: what a user's terminal would show, without the terminal. */
export class TestView {
  readonly terminal: xterm.Terminal;
  readonly messages: HostToView[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The terminal's; empty until the program sets one. */
  title = "";
  /** Output bytes received. */
  received = 0;
  readonly #socket: WebSocket;
  #acknowledged = 0;
  #stopped = false;

  private constructor(socket: WebSocket, { size = { cols: 80, rows: 24 }, scrollback = 5_000 }: ViewOptions) {
    this.#socket = socket;
    this.terminal = new xterm.Terminal({ ...size, scrollback, allowProposedApi: true, logLevel: "off" });
    this.terminal.onTitleChange((title) => (this.title = title));
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#take(data);
      else this.messages.push(HostToView.parse(JSON.parse(data.toString())));
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("error", () => undefined);
  }

  /** Connects and says hello. */
  static async open(hostSocket: string, options: ViewOptions = {}): Promise<TestView> {
    const view = await TestView.connect(hostSocket, options);
    const { cols, rows } = options.size ?? { cols: 80, rows: 24 };
    view.tell({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      version: "0.0.0",
      mode: options.mode ?? "mirror",
      cols,
      rows,
      tty: options.tty,
    });
    await waitFor("an answer to the hello", () => view.messages.length > 0);
    return view;
  }

  /** Connects and says nothing. */
  static async connect(hostSocket: string, options: ViewOptions = {}): Promise<TestView> {
    const socket = new WebSocket(`ws+unix://${hostSocket}:/v1/view`);
    const view = new TestView(socket, options);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return view;
  }

  tell(message: ViewToHost): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Sends anything at all, for tests of bad input. */
  sendRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  type(input: string | Buffer): void {
    this.#socket.send(Buffer.from(input), { binary: true });
  }

  resize(size: Size): void {
    this.terminal.resize(size.cols, size.rows);
    this.tell({ type: "resize", ...size });
  }

  /** Stops reading, as a process that was sent SIGSTOP does. */
  stop(): void {
    this.#stopped = true;
    this.#socket.pause();
  }

  continue(): void {
    this.#stopped = false;
    this.#socket.resume();
  }

  /** The viewport's text, without trailing blanks; with `all` the scrollback too. */
  text({ all = false } = {}): string {
    const buffer = this.terminal.buffer.active;
    const lines: string[] = [];
    for (let row = all ? 0 : buffer.baseY; row < buffer.baseY + this.terminal.rows; row++) {
      lines.push(buffer.getLine(row)?.translateToString(true) ?? "");
    }
    return lines.join("\n").trimEnd();
  }

  /** Column and row from 0, within the viewport. */
  cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  async waitForText(text: string | RegExp, options: { all?: boolean } = {}): Promise<void> {
    const shows = () => (typeof text === "string" ? this.text(options).includes(text) : text.test(this.text(options)));
    await waitFor(`a view to show ${String(text)}`, shows).catch((cause: unknown) => {
      throw new Error(`the view does not show ${String(text)}, but:\n${this.text()}`, { cause });
    });
  }

  message<T extends HostToView["type"]>(type: T): Extract<HostToView, { type: T }> | undefined {
    return this.messages.find((message) => message.type === type) as Extract<HostToView, { type: T }> | undefined;
  }

  /** Closes politely and waits for it. */
  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
    this.terminal.dispose();
  }

  /** Cuts the connection, as SIGKILL of a view does. */
  async cut(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
    this.terminal.dispose();
  }

  #take(data: Buffer): void {
    this.received += data.length;
    this.terminal.write(data, () => {
      this.#acknowledged += data.length;
      if (!this.#stopped && this.#socket.readyState === WebSocket.OPEN) {
        this.tell({ type: "ack", bytes: this.#acknowledged });
      }
    });
  }
}
