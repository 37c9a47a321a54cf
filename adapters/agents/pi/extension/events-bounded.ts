export interface Bounded {
  /** A JSON object. */
  json: string;
  /** What it had, about, before texts in it were cut. */
  originalBytes?: number;
}

const MAX_BYTES = 256 * 1024;
/** A character of a JSON text takes at most six bytes: `\u0000`. */
const CERTAIN_CHARACTERS = Math.floor(MAX_BYTES / 6);
/** Of a number, a brace and what else stands beside texts. */
const VALUE_CHARACTERS = 8;
const MAX_ELEMENTS = 5_000;

/**
 * What an event carries, as JSON of at most 256 KiB: longer texts lose their middle, pictures their bytes. Never
 * throws: what cannot be JSON (a circle) becomes an empty object that says it had more.
 */
export function bounded(data: Record<string, unknown>, maxCharacters: number = MAX_BYTES): Bounded {
  try {
    const first = cutTo(data, maxCharacters);
    if (Buffer.byteLength(first.json) <= MAX_BYTES) return first;
    const second = cutTo(data, CERTAIN_CHARACTERS);
    return Buffer.byteLength(second.json) <= MAX_BYTES ? second : { ...second, json: "{}" };
  } catch {
    return { json: "{}", originalBytes: 0 };
  }
}

function cutTo(data: Record<string, unknown>, maxCharacters: number): Bounded {
  let left = maxCharacters;
  let characters = 0;
  let isCut = false as boolean;
  const json = JSON.stringify(data, (key, given: unknown) => {
    const value = isPicture(given)
      ? { type: "image", mimeType: given.mimeType, bytes: pictureBytes(given.data) }
      : given;
    const length = typeof value === "string" ? value.length : VALUE_CHARACTERS;
    characters += key.length + length;
    left -= key.length + VALUE_CHARACTERS;
    if (left <= 0) {
      isCut = true;
      return undefined;
    }
    if (Array.isArray(value) && value.length > MAX_ELEMENTS) {
      isCut = true;
      characters += VALUE_CHARACTERS * value.length;
      return value.slice(0, MAX_ELEMENTS) as unknown[];
    }
    if (typeof value !== "string") return typeof value === "bigint" ? String(value) : value;
    const kept = withoutMiddle(value, left);
    isCut ||= kept !== value;
    left -= kept.length;
    return kept;
  });
  return isCut ? { json, originalBytes: characters } : { json };
}

/** The beginning and the end: of what a tool prints, the end tells most. */
function withoutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor((length - 1) / 2);
  return half < 1 ? "" : `${text.slice(0, half)}…${text.slice(-half)}`;
}

function isPicture(value: unknown): value is { type: "image"; mimeType?: unknown; data: string } {
  if (typeof value !== "object" || value === null) return false;
  const { type, data } = value as { type?: unknown; data?: unknown };
  return type === "image" && typeof data === "string";
}

function pictureBytes(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}
