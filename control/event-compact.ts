import { EVENT_BOUNDS } from "../protocol/event-bounds.ts";
import type { EventData } from "../protocol/events.ts";

export interface Compact {
  data: EventData;
  /** Something is cut. */
  isCut: boolean;
}

/**
 * What an event says in few bytes: texts longer than 256 bytes are their beginnings. Of one that is still over 8 KiB
 * only what it is about stays: the plain values at its top. Pure.
 */
export function compact(data: EventData): Compact {
  let isCut = false as boolean;
  const preview = (_key: string, value: unknown) => {
    if (typeof value !== "string") return value;
    const short = beginning(value, EVENT_BOUNDS.previewBytes);
    isCut ||= short !== value;
    return short;
  };
  const json = JSON.stringify(data, preview);
  if (Buffer.byteLength(json) <= EVENT_BOUNDS.eventBytes) {
    return isCut ? { data: JSON.parse(json) as EventData, isCut } : { data, isCut };
  }
  const about: EventData = {};
  let left = EVENT_BOUNDS.eventBytes - 2;
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === "object" && value !== null) continue;
    const short = preview(name, value);
    left -= Buffer.byteLength(JSON.stringify({ [name]: short }));
    if (left < 0) break;
    about[name] = short;
  }
  return { data: about, isCut: true };
}

/** At most so many bytes of UTF-8, and no half character. */
export function beginning(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const whole = Buffer.from(text.slice(0, bytes + 1));
  if (whole.length <= bytes) return text;
  return new TextDecoder("utf-8").decode(whole.subarray(0, bytes), { stream: true });
}
