import { PisyncError } from "../runtime/failure.ts";

/** As LaunchRequest and RenameRequest have it. */
const MAX_SESSION_NAME = 1000;

/**
 * Pure.
 * @param next the next step of the refusal.
 * @throws PisyncError `usage` for a name that the daemon would not take.
 */
export function checkName(name: string, next: string, max = MAX_SESSION_NAME): void {
  if (name.trim() !== "" && name.length <= max) return;
  throw new PisyncError("usage", `A name has 1 to ${max} characters.`, { next });
}
