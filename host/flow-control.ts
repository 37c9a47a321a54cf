/**
 * Decides, for one view, between sending output bytes and skipping them for a painted screen. Pure: time is
 * passed in, nothing is sent here.
 *
 * A view is sent every byte while it keeps up. It falls `behind` when more than a window of bytes is
 * unacknowledged (it is slow or stopped) or when output comes faster than a token bucket allows (a flood:
 * nobody can read it, and every byte to every view would slow the child). A view that is behind gets frames
 * as often as it acknowledges them, and is made good once the flood is over. The figures come from the
 * measurements in docs/architecture.md.
 */

/** Unacknowledged bytes above which a view is slow. */
export const WINDOW_BYTES = 1024 * 1024;
/** Output at full rate that a view gets before the flood limit counts. */
export const BURST_BYTES = 1024 * 1024;
/** Sustained output a view gets byte for byte. */
export const BYTES_PER_SECOND = 4 * 1024 * 1024;
/** Time between two frames of a view that is behind. */
export const FRAME_INTERVAL_MS = 100;
/** A view with less than this unacknowledged has drained and can take a frame. */
export const DRAINED_BYTES = 64 * 1024;

/** Less output than this in one frame interval means that the flood is over. */
const CALM_BYTES = (BYTES_PER_SECOND * FRAME_INTERVAL_MS) / 1000 / 2;

export type FrameDecision =
  /** The view has not drained: it gets nothing. */
  | "wait"
  /** The flood goes on: paint the viewport. */
  | "frame"
  /** The flood is over: paint what was missed, then send bytes again. */
  | "catch-up";

export class FlowControl {
  #sent = 0;
  #acknowledged = 0;
  #tokens = BURST_BYTES;
  #refilledAt: number;
  #skippedSinceFrame = 0;

  constructor(now: number) {
    this.#refilledAt = now;
  }

  /** Bytes sent and not yet acknowledged. */
  get inFlight(): number {
    return this.#sent - this.#acknowledged;
  }

  get drained(): boolean {
    return this.inFlight <= DRAINED_BYTES;
  }

  /** True when these live bytes may be sent; false when the view is behind from here on. */
  admits(bytes: number, now: number): boolean {
    this.#refill(now);
    if (this.inFlight + bytes > WINDOW_BYTES || bytes > this.#tokens) return false;
    this.#tokens -= bytes;
    return true;
  }

  /** Counts bytes of any kind that went out. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /** Counts live bytes that a view which is behind did not get. */
  skipped(bytes: number): void {
    this.#skippedSinceFrame += bytes;
  }

  /** Takes the view's total; one that runs backwards or ahead of what was sent is false, and a fault of the view. */
  acknowledge(total: number): boolean {
    if (total < this.#acknowledged || total > this.#sent) return false;
    this.#acknowledged = total;
    return true;
  }

  /** Asked once an interval while the view is behind. */
  nextFrame(now: number): FrameDecision {
    if (!this.drained) return "wait";
    const calm = this.#skippedSinceFrame < CALM_BYTES;
    this.#skippedSinceFrame = 0;
    if (!calm) return "frame";
    this.#tokens = BURST_BYTES;
    this.#refilledAt = now;
    return "catch-up";
  }

  #refill(now: number): void {
    const earned = ((now - this.#refilledAt) / 1000) * BYTES_PER_SECOND;
    this.#tokens = Math.min(BURST_BYTES, this.#tokens + earned);
    this.#refilledAt = now;
  }
}
