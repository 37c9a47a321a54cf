import type { WebSocket } from "ws";
import type { HostToView } from "../protocol/view.ts";
import type { Size, ViewMode } from "../protocol/session.ts";
import { FlowControl, FRAME_INTERVAL_MS, WINDOW_BYTES } from "./flow-control.ts";
import { InputFilter } from "./input-filter.ts";
import { Outbox } from "./outbox.ts";
import { OutputPoint } from "./output-point.ts";
import type { Screen, ScreenMark } from "./screen/screen.ts";
import { ScreenPainter } from "./screen/painter.ts";
import { sameSize, type SizedView } from "./size-policy.ts";

/** Frames of a view whose size differs from the screen's, and of nothing faster than an eye, in milliseconds. */
const FRAMED_DELAY_MS = 16;
/** Where a terminal's bytes ended; the mark is set once the emulator is there too. */
interface End {
  mark: ScreenMark | undefined;
}

type Serving =
  | { state: "live" }
  /** Waits for the point from which bytes are right again; its terminal is clear or had all bytes until `since`. */
  | { state: "synchronising"; since: "cleared" | End; point: OutputPoint }
  /** Gets frames instead of the bytes. */
  | { state: "behind"; since: End }
  /** Its terminal has another size than the screen, so bytes would land in wrong places: painted only. */
  | { state: "framed"; since: End }
  /** Its terminal shows something else, over what it had until `since`. */
  | { state: "paused"; since: "cleared" | End };

/** What a view said of itself. */
export interface ViewFacts {
  mode: ViewMode;
  size: Size;
  tty: string | undefined;
  tmux: string | undefined;
}

/**
 * One terminal attached to this host, over its WebSocket. Guarantees that whatever it is sent, in order,
 * leaves its terminal showing the screen; that a snapshot and the live bytes after it neither lose nor repeat
 * a byte; and that a slow view holds at most a window of bytes here.
 */
export class View implements SizedView {
  readonly mode: ViewMode;
  /** The device of its terminal, if it said. */
  readonly tty: string | undefined;
  /** The socket of the tmux server it is in, if it said. */
  readonly tmux: string | undefined;
  typedAt = 0;
  #size: Size;
  readonly #socket: WebSocket;
  readonly #screen: Screen;
  readonly #painter: ScreenPainter;
  readonly #flow: FlowControl;
  readonly #filter = new InputFilter();
  #filterTimer: NodeJS.Timeout | undefined;
  #serving: Serving = { state: "live" };
  readonly #outbox = new Outbox((bytes) => this.#socket.send(bytes, { binary: true }));
  #frameTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(socket: WebSocket, screen: Screen, { mode, size, tty, tmux }: ViewFacts) {
    this.#socket = socket;
    this.#screen = screen;
    this.mode = mode;
    this.tty = tty;
    this.tmux = tmux;
    this.#size = size;
    this.#painter = new ScreenPainter(screen, size);
    this.#flow = new FlowControl(performance.now());
    this.#synchronise("cleared");
  }

  get size(): Size {
    return this.#size;
  }

  /** True when everything sent so far has been written to the view's terminal. */
  get settled(): boolean {
    const shown = this.#serving.state === "live" || this.#serving.state === "framed";
    return shown && this.#outbox.empty && this.#frameTimer === undefined && this.#flow.inFlight === 0;
  }

  tell(message: HostToView): void {
    if (!this.#closed) this.#socket.send(JSON.stringify(message));
  }

  /**
   * Input of this view without its terminal's answers to queries. The end of an unfinished sequence is kept
   * back and given to `late` when nothing completes it in time.
   */
  takeInput(bytes: Buffer, late: (bytes: Buffer) => void): Buffer {
    clearTimeout(this.#filterTimer);
    const input = this.#filter.push(bytes);
    if (this.#filter.flushAfterMs !== undefined) {
      this.#filterTimer = setTimeout(() => late(this.#filter.flush()), this.#filter.flushAfterMs);
    }
    return input;
  }

  /** Takes live output before the emulator does; `urgent` for the view that types. */
  deliver(bytes: Buffer, urgent: boolean): void {
    const serving = this.#serving;
    switch (serving.state) {
      case "live":
        if (this.#flow.admits(bytes.length, performance.now())) this.#queue(bytes, urgent);
        else this.#fallBehind(this.#presentEnd(), bytes.length);
        return;
      case "synchronising":
        if (serving.point.collect(bytes) > WINDOW_BYTES) this.#waitForCalm(serving);
        return;
      case "behind":
      case "paused":
        this.#flow.skipped(bytes.length);
        return;
      case "framed":
        this.#scheduleFrame(FRAMED_DELAY_MS);
        return;
    }
  }

  /** Called after the emulator has taken what was delivered. */
  delivered(): void {
    if (this.#serving.state === "synchronising") this.#serving.point.delivered();
  }

  /** Sends bytes to this view alone, between two sequences of the output. */
  deliverPrivately(bytes: Buffer): void {
    if (this.#serving.state === "live") this.#queue(bytes, true);
  }

  /** False when the view acknowledges what it was never sent. */
  acknowledge(total: number): boolean {
    return this.#flow.acknowledge(total);
  }

  /** The view's own terminal changed its size. */
  resize(size: Size): void {
    if (sameSize(size, this.#size)) return;
    this.#size = size;
    this.#painter.resize(size);
    this.reconsiderSize();
  }

  /** Serves bytes where the sizes agree and paints where they do not; called after either has changed. */
  reconsiderSize(): void {
    const fits = sameSize(this.#size, this.#screen.size);
    const serving = this.#serving;
    if (serving.state === "framed") {
      if (fits) this.#synchronise(serving.since);
      else this.#scheduleFrame(FRAMED_DELAY_MS);
    } else if (!fits && serving.state !== "synchronising" && serving.state !== "paused") {
      this.#frameFrom(serving.state === "behind" ? serving.since : this.#presentEnd());
    } else if (serving.state === "live") {
      this.#synchronise(this.#presentEnd());
    }
  }

  /** Sends what was begun and says so, with the session's name; from then on nothing. */
  pause(name: string | undefined): void {
    const serving = this.#serving;
    if (serving.state === "paused") return;
    this.#outbox.flush();
    if (serving.state === "synchronising") serving.point.cancel();
    this.#serving = { state: "paused", since: serving.state === "live" ? this.#presentEnd() : serving.since };
    this.tell({ type: "paused", name });
  }

  /** Paints everything anew. */
  resume(): void {
    if (this.#serving.state === "paused") this.#synchronise(this.#serving.since);
  }

  /** The output has ended: shows what is still missing at once. */
  catchUpNow(): void {
    const serving = this.#serving;
    if (serving.state === "behind" || serving.state === "paused") this.#synchronise(serving.since);
    if (serving.state === "framed") this.#paintFrame();
    this.#outbox.flush();
  }

  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#outbox.flush();
    this.dispose();
    this.#socket.close(code, reason);
  }

  /** Frees everything without a word, when the socket is gone already. */
  dispose(): void {
    this.#closed = true;
    this.#outbox.close();
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#filterTimer);
    if (this.#serving.state === "synchronising") this.#serving.point.cancel();
  }

  #queue(bytes: Buffer, urgent: boolean): void {
    this.#flow.sent(bytes.length);
    this.#outbox.push(bytes, urgent);
  }

  #fallBehind(since: End, skipped: number): void {
    this.#outbox.flush();
    this.#flow.skipped(skipped);
    this.#serving = { state: "behind", since };
    this.#scheduleFrame(FRAME_INTERVAL_MS);
  }

  /** The end of all output delivered so far. */
  #presentEnd(): End {
    const end: End = { mark: undefined };
    this.#screen.whenParsed(() => (end.mark = this.#screen.mark()));
    return end;
  }

  #scheduleFrame(delayMs: number): void {
    this.#frameTimer ??= setTimeout(() => {
      this.#frameTimer = undefined;
      this.#nextFrame();
    }, delayMs);
  }

  #nextFrame(): void {
    const serving = this.#serving;
    if (serving.state === "framed") {
      if (this.#flow.drained) this.#paintFrame();
      else this.#scheduleFrame(FRAME_INTERVAL_MS);
      return;
    }
    if (serving.state !== "behind") return;
    const decision = serving.since.mark ? this.#flow.nextFrame(performance.now()) : "wait";
    if (decision === "catch-up") {
      this.#synchronise(serving.since);
      return;
    }
    if (decision === "frame") this.#send(this.#painter.frame(serving.since.mark));
    this.#scheduleFrame(FRAME_INTERVAL_MS);
  }

  #frameFrom(since: End): void {
    this.#outbox.flush();
    this.#serving = { state: "framed", since };
    this.#scheduleFrame(FRAMED_DELAY_MS);
  }

  #paintFrame(): void {
    const serving = this.#serving;
    if (serving.state !== "framed") return;
    const { mark } = serving.since;
    if (!mark) {
      this.#scheduleFrame(FRAMED_DELAY_MS);
      return;
    }
    this.#send(this.#screen.hasMovedOn(mark) ? this.#painter.catchUp(mark) : this.#painter.frame(mark));
    serving.since = { mark: this.#screen.mark() };
    // Output that the emulator has taken but not parsed yet is not on this frame, and may be the last for long.
    if (this.#screen.pendingBytes > 0) this.#scheduleFrame(FRAMED_DELAY_MS);
  }

  #synchronise(since: "cleared" | End): void {
    this.#outbox.flush();
    if (this.#serving.state === "synchronising") this.#serving.point.cancel();
    const point = new OutputPoint(this.#screen, (collected, bytes) => this.#repaint(since, collected, bytes));
    this.#serving = { state: "synchronising", since, point };
    point.start();
  }

  #repaint(since: "cleared" | End, collected: Buffer[], bytes: number): void {
    const mark = since === "cleared" ? undefined : since.mark;
    this.#send(mark ? this.#painter.catchUp(mark) : this.#painter.snapshot());
    const here: End = { mark: this.#screen.mark() };
    if (!sameSize(this.#size, this.#screen.size)) this.#frameFrom(here);
    else if (this.#flow.admits(bytes, performance.now())) this.#goLive(collected);
    else this.#fallBehind(here, bytes);
  }

  #goLive(collected: Buffer[]): void {
    this.#serving = { state: "live" };
    for (const bytes of collected) this.#queue(bytes, false);
    this.#outbox.flush();
  }

  /** The flood is faster than the emulator: a clear terminal takes a later point, another one waits with frames. */
  #waitForCalm({ since, point }: Extract<Serving, { state: "synchronising" }>): void {
    if (since === "cleared") {
      point.postpone();
      return;
    }
    point.cancel();
    this.#fallBehind(since, WINDOW_BYTES);
  }

  #send(bytes: Buffer): void {
    if (bytes.length === 0 || this.#closed) return;
    this.#flow.sent(bytes.length);
    this.#socket.send(bytes, { binary: true });
  }
}
