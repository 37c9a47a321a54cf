import * as z from "zod";

/**
 * Values that many shapes are made of. Each is made once: a schema takes 20 µs and 1 to 4 KB in every process, and there
 * would be hundreds of these.
 */
export const Integer = z.int();
/** From 0. */
export const Count = z.int().nonnegative();
/** From 1. */
export const Positive = z.int().positive();

/** Milliseconds since the epoch. */
export const Instant = Count;

/** True, or absent. */
export const Mark = z.literal(true).optional();

const texts = new Map<number, z.ZodString>();

/** A string of at most `max` characters. */
export function text(max: number): z.ZodString {
  const known = texts.get(max);
  if (known !== undefined) return known;
  const made = z.string().max(max);
  texts.set(max, made);
  return made;
}
