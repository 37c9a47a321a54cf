import { EVENT_BOUNDS, type EventData } from "../protocol/events.ts";

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
  const plain = Object.entries(data).filter(([, value]) => typeof value !== "object" || value === null);
  const about = Object.fromEntries(plain.slice(0, MAX_PLAIN_VALUES).map(([key, value]) => [key, preview(key, value)]));
  return { data: about, isCut: true };
}

/** With their previews these stay under 8 KiB. */
const MAX_PLAIN_VALUES = 16;

/** At most so many bytes of UTF-8, and no half character. */
function beginning(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const whole = Buffer.from(text.slice(0, bytes + 1));
  if (whole.length <= bytes) return text;
  return new TextDecoder("utf-8").decode(whole.subarray(0, bytes), { stream: true });
}
