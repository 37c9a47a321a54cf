import { PisyncError } from "../runtime/failure.ts";

/** A whole number for a person: `1,200`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/**
 * The value of an option that is a whole number from 1 to `max`.
 * @param next what a refusal advises.
 * @throws PisyncError `usage`.
 */
export function numberOption(option: string, text: string, { max, next }: { max: number; next: string }): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= max) return number;
  const refusal = `The value of ${option}, ${JSON.stringify(text)}, is not a number from 1 to ${max}.`;
  throw new PisyncError("usage", refusal, { next });
}
