import { EVENT_BOUNDS } from "../protocol/event-bounds.ts";
import { PisyncError } from "../runtime/failure.ts";
import { durationOf } from "../runtime/short-forms.ts";
import { numberOption } from "./numbers.ts";

/** @throws PisyncError `usage`. */
export function parseLimit(text: string): number {
  return numberOption("--limit", text, { max: EVENT_BOUNDS.events, next: "Try: pisync history --limit 20" });
}

/** @throws PisyncError `usage`. */
export function parseMaxBytes(text: string): number {
  const max = EVENT_BOUNDS.longestAnswerBytes;
  return numberOption("--max-bytes", text, { max, next: "Try: pisync history --max-bytes 65536" });
}

/** In milliseconds since the epoch. @throws PisyncError `usage`. */
export function parseSince(text: string): number {
  const instant = instantOf(text, Date.now());
  if (instant !== undefined) return instant;
  throw new PisyncError("usage", `The value of --since, ${JSON.stringify(text)}, is not a time.`, {
    next: "Try: pisync history --since 2h, or --since 2026-05-21T10:00",
  });
}

/**
 * The moment that a text means, in milliseconds since the epoch: an age (`5m`), a date or ISO 8601, in local time when
 * it names no zone, or these milliseconds. Pure but for the zone.
 */
export function instantOf(text: string, now: number): number | undefined {
  const ago = durationOf(text);
  if (ago !== undefined) return Math.max(0, now - ago);
  if (/^\d{1,16}$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d(T|$)/.test(text)) return undefined;
  // A date alone would be taken for midnight in Greenwich.
  const instant = Date.parse(text.includes("T") ? text : `${text}T00:00`);
  return instant >= 0 ? instant : undefined;
}
