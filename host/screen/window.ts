import type { Size } from "../../protocol/session.ts";
import type { BufferInternals } from "./internals.ts";

/** The part of the screen that a view shows. */
export interface Window {
  /** Whether the view is exactly as large as the screen. */
  readonly fits: boolean;
  /** The screen's column in the view's first, and the first that is no longer in the view. */
  readonly left: number;
  readonly right: number;
  /** The screen's row in the view's first. */
  readonly top: number;
  readonly view: Size;
}

/** A smaller view shows the part with the cursor, chosen as tmux does; a larger one shows blanks beyond the screen. */
export function windowOn(buffer: BufferInternals, screen: Size, view: Size): Window {
  const left = windowStart(buffer.x, screen.cols, view.cols);
  return {
    fits: screen.cols === view.cols && screen.rows === view.rows,
    left,
    right: Math.min(screen.cols, left + view.cols),
    top: windowStart(buffer.y, screen.rows, view.rows),
    view,
  };
}

function windowStart(cursor: number, size: number, viewSize: number): number {
  if (cursor < viewSize) return 0;
  if (cursor > size - viewSize) return size - viewSize;
  return cursor - Math.floor(viewSize / 2);
}
