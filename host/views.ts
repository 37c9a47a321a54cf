import type { WebSocket } from "ws";
import type { HostState, Size } from "../protocol/session.ts";
import { HELLO_DEADLINE_MS, ViewToHost, type HostToView } from "../protocol/view.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { Screen } from "./screen/screen.ts";
import { LARGEST, leadingSize, sameSize, type SizePolicy } from "./size-policy.ts";
import { View } from "./view.ts";
import { helloMissing, malformed, MAX_VIEWS, otherProtocol, tooManyViews } from "./view-refusals.ts";

/** A change of size is awaited this long: tmux reports each in two steps 250 ms apart (tmux facts, measured). */
const RESIZE_DEBOUNCE_MS = 300;
/** How long the last output may take to reach the views before they are told of the exit. */
const FINISH_DEADLINE_MS = 2_000;
const SETTLE_POLL_MS = 5;
/** Views that have been told of the exit may take so long to leave, as long as none is silent for the former. */
const LEAVING_SILENCE_MS = 2_000;
const LEAVING_DEADLINE_MS = 10_000;
/** What a terminal sends when its user turns away from it. */
const FOCUS_LOST = Buffer.from("\x1b[O");

export interface ViewsEvents {
  /** Input of an interactive view, filtered; false when the child is not reading and views should wait. */
  onInput(bytes: Buffer): boolean;
  onSize(size: Size): void;
  onColours(colours: { foreground?: string | undefined; background?: string | undefined }): void;
  /** A view came, went or changed its size. */
  onChange(): void;
  /** Somebody attached an interactive view, typed or clicked in it, or turned to it. */
  onViewed(): void;
  /** What a new view is told first, as it is now. */
  welcome(): Extract<HostToView, { type: "welcome" }>;
}

/**
 * All views of this host: admits them, hands them the output, takes their input, and lets them agree on a
 * size. No view can delay another or the child.
 */
export class Views {
  readonly #screen: Screen;
  readonly #policy: SizePolicy;
  readonly #events: ViewsEvents;
  readonly #views = new Map<WebSocket, View>();
  readonly #waiting = new Set<WebSocket>();
  #lastTyped: View | undefined;
  #resizeTimer: NodeJS.Timeout | undefined;
  #hadView = false;
  /** When a view said something last. */
  #heardAt = 0;
  #firstView: (() => void) | undefined;

  constructor(screen: Screen, policy: SizePolicy, events: ViewsEvents) {
    this.#screen = screen;
    this.#policy = policy;
    this.#events = events;
  }

  get list(): HostState["views"] {
    return [...this.#views.values()].map(({ mode, size, tty, tmux }) => ({
      mode,
      size: clamp(size),
      ...(tty === undefined ? {} : { tty }),
      ...(tmux === undefined ? {} : { tmux }),
    }));
  }

  /** An interactive view is attached. */
  get watched(): boolean {
    return [...this.#views.values()].some(({ mode }) => mode !== "read-only");
  }

  /** Takes a connection that has yet to say hello. */
  accept(socket: WebSocket): void {
    const deadline = setTimeout(() => this.#refuse(socket, helloMissing()), HELLO_DEADLINE_MS);
    this.#waiting.add(socket);
    socket.on("message", (data: Buffer, isBinary) => {
      clearTimeout(deadline);
      this.#heardAt = performance.now();
      try {
        if (isBinary) this.#receiveInput(socket, data);
        else this.#receive(socket, ViewToHost.parse(JSON.parse(data.toString("utf8"))));
      } catch (error) {
        this.#refuse(socket, error instanceof PisyncError ? error : malformed(error));
      }
    });
    // The reason is in `close`; without a listener an oversized frame would end the host.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(deadline);
      this.#waiting.delete(socket);
      this.#remove(socket);
    });
  }

  /** Hands output to every view; the caller gives it to the emulator between this and `delivered`. */
  deliver(bytes: Buffer): void {
    for (const view of this.#views.values()) view.deliver(bytes, view === this.#lastTyped || this.#views.size === 1);
  }

  delivered(): void {
    for (const view of this.#views.values()) view.delivered();
  }

  /** Clipboard writes go to the view whose input caused them, and to no other (design, Security). */
  deliverToLastTyped(bytes: Buffer): void {
    this.#lastTyped?.deliverPrivately(bytes);
  }

  /** The child reads its input again. */
  resumeInput(): void {
    for (const socket of this.#views.keys()) socket.resume();
  }

  /** The pseudo-terminal has its new size. */
  reconsiderSizes(): void {
    for (const view of this.#views.values()) view.reconsiderSize();
  }

  /** Sends every view to another session's host. */
  switchAll(message: Extract<HostToView, { type: "switch" }>): void {
    for (const view of this.#views.values()) view.tell(message);
  }

  /** Sends the views on this terminal to another session's host, and returns how many there were. */
  switchTerminal(tty: string, message: Extract<HostToView, { type: "switch" }>): number {
    const views = [...this.#views.values()].filter((view) => view.tty === tty);
    for (const view of views) view.tell(message);
    return views.length;
  }

  /** Shows a notice in the views on these terminals. */
  notify(ttys: readonly string[], text: string): void {
    for (const view of this.#views.values()) {
      if (view.tty !== undefined && ttys.includes(view.tty)) view.tell({ type: "notice", text });
    }
  }

  /** Resolves when the first view has come, even if it has left since, or the time is over. */
  async waitForFirstView(deadlineMs: number): Promise<void> {
    if (this.#hadView) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#firstView = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** After the last output: lets every view that reads show all of it, then says how the child ended. */
  async finish(exit: Omit<Extract<HostToView, { type: "exit" }>, "rows">): Promise<void> {
    const deadline = performance.now() + FINISH_DEADLINE_MS;
    const message = { ...exit, rows: this.#screen.rowsInUse };
    await Promise.all([...this.#views.values()].map((view) => this.#finishView(view, message, deadline)));
  }

  /**
   * After `finish`: waits for the views to leave. One that is slow still reads, and acknowledges that: if its
   * connection were cut then, it would lose the end that it has not read.
   */
  async whenGone(): Promise<void> {
    this.#heardAt = performance.now();
    const deadline = this.#heardAt + LEAVING_DEADLINE_MS;
    while (this.#views.size > 0 && performance.now() < Math.min(this.#heardAt + LEAVING_SILENCE_MS, deadline)) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    }
  }

  /** Cuts every connection. */
  close(): void {
    clearTimeout(this.#resizeTimer);
    for (const socket of [...this.#views.keys(), ...this.#waiting]) socket.terminate();
  }

  async #finishView(view: View, exit: HostToView, deadline: number): Promise<void> {
    view.catchUpNow();
    while (!view.settled && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
    }
    view.tell(exit);
    view.close(1000, "exit");
  }

  #receive(socket: WebSocket, message: ViewToHost): void {
    if (message.type === "hello") {
      this.#admit(socket, message);
      return;
    }
    const view = this.#views.get(socket);
    if (!view) throw helloMissing();
    switch (message.type) {
      case "resize":
        view.resize({ cols: message.cols, rows: message.rows });
        this.#events.onChange();
        this.#agreeOnSize(RESIZE_DEBOUNCE_MS);
        return;
      case "ack":
        if (!view.acknowledge(message.bytes)) {
          throw new PisyncError("malformed", "The view acknowledged bytes that it was never sent.");
        }
        return;
      case "colours":
        this.#events.onColours(message);
        return;
      case "pause":
        view.pause(this.#events.welcome().name);
        return;
      case "resume":
        view.resume();
        return;
      case "leave":
        this.#screen.whenParsed(() => {
          view.tell({ type: "left", rows: this.#screen.rowsInUse });
          view.close(1000, "left");
        });
        return;
    }
  }

  #admit(socket: WebSocket, hello: Extract<ViewToHost, { type: "hello" }>): void {
    if (this.#views.has(socket)) throw new PisyncError("malformed", "The view said hello twice.");
    if (hello.protocol !== PROTOCOL_VERSION) throw otherProtocol(hello);
    if (this.#views.size >= MAX_VIEWS) throw tooManyViews();
    this.#waiting.delete(socket);
    const first = !this.watched;
    socket.send(JSON.stringify(this.#events.welcome()));
    const { mode, tty, tmux, cols, rows } = hello;
    const view = new View(socket, this.#screen, { mode, tty, tmux, size: { cols, rows } });
    this.#views.set(socket, view);
    // Nobody else is looking: the new view's size counts at once.
    this.#agreeOnSize(first ? 0 : RESIZE_DEBOUNCE_MS);
    this.#events.onChange();
    if (mode !== "read-only") this.#events.onViewed();
    this.#hadView = true;
    this.#firstView?.();
  }

  #receiveInput(socket: WebSocket, bytes: Buffer): void {
    const view = this.#views.get(socket);
    if (!view) throw helloMissing();
    if (view.mode === "read-only") return;
    view.typedAt = Date.now();
    if (this.#lastTyped !== view) {
      this.#lastTyped = view;
      if (this.#policy === "latest") this.#agreeOnSize(RESIZE_DEBOUNCE_MS);
    }
    if (!this.#input(view.takeInput(bytes, (late) => this.#input(late)))) socket.pause();
  }

  #input(bytes: Buffer): boolean {
    const more = this.#events.onInput(bytes);
    if (bytes.length > 0 && !bytes.equals(FOCUS_LOST)) this.#events.onViewed();
    return more;
  }

  #agreeOnSize(delayMs: number): void {
    clearTimeout(this.#resizeTimer);
    const apply = () => {
      const size = leadingSize(this.#policy, [...this.#views.values()], this.#screen.size);
      if (!sameSize(size, this.#screen.size)) this.#events.onSize(size);
    };
    if (delayMs === 0) apply();
    else this.#resizeTimer = setTimeout(apply, delayMs);
  }

  #remove(socket: WebSocket): void {
    const view = this.#views.get(socket);
    if (!view) return;
    view.dispose();
    this.#views.delete(socket);
    if (this.#lastTyped === view) this.#lastTyped = undefined;
    this.#agreeOnSize(RESIZE_DEBOUNCE_MS);
    this.#events.onChange();
  }

  #refuse(socket: WebSocket, error: PisyncError): void {
    const refused: HostToView = { type: "refused", error: error.toBody().error };
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(refused));
    socket.close(1008, error.code);
  }
}

function clamp(size: Size): Size {
  return { cols: Math.min(LARGEST.cols, size.cols), rows: Math.min(LARGEST.rows, size.rows) };
}
