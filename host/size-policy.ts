import type { Size, ViewMode } from "../protocol/session.ts";

/** From the configuration: the smallest interactive view leads, or the one that typed last, or a fixed size. */
export type SizePolicy = "smallest" | "latest" | Size;

export interface SizedView {
  mode: ViewMode;
  size: Size;
  /** When this view last sent input, in milliseconds; 0 before it did. */
  typedAt: number;
}

/** A narrower view is shown a part of the screen instead of forcing this on everybody. */
const SMALLEST: Size = { cols: 10, rows: 3 };
export const LARGEST: Size = { cols: 1000, rows: 500 };

/**
 * The size the pseudo-terminal should have. Read-only views never lead; without an interactive view the
 * present size stays. A view below 10x3 leads with 10x3.
 */
export function leadingSize(policy: SizePolicy, views: readonly SizedView[], present: Size): Size {
  if (typeof policy === "object") return clampSize(policy);
  const interactive = views.filter((view) => view.mode !== "read-only");
  if (interactive.length === 0) return present;
  if (policy === "latest") {
    return clampSize(interactive.reduce((latest, view) => (view.typedAt > latest.typedAt ? view : latest)).size);
  }
  return clampSize({
    cols: Math.min(...interactive.map((view) => view.size.cols)),
    rows: Math.min(...interactive.map((view) => view.size.rows)),
  });
}

export function sameSize(a: Size, b: Size): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}

function clampSize(size: Size): Size {
  return {
    cols: Math.min(LARGEST.cols, Math.max(SMALLEST.cols, size.cols)),
    rows: Math.min(LARGEST.rows, Math.max(SMALLEST.rows, size.rows)),
  };
}
