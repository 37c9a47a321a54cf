import type { SessionSummary } from "../protocol/session.ts";

/**
 * The order of what has ended, for the list and the sidebar alike: conversations to go back to, then commands that did
 * not end well, then those that did or that their user ended; of each the newest first.
 */
export function comparePast(left: SessionSummary, right: SessionSummary): number {
  return rankOf(left) - rankOf(right) || right.updatedAt - left.updatedAt || (left.id < right.id ? -1 : 1);
}

export function isPastConversation({ kind, agent }: SessionSummary): boolean {
  return kind === "resumable" && agent === "pi";
}

export function isPastCommand({ kind, agent }: SessionSummary): boolean {
  return kind === "resumable" && agent === "command";
}

/** A command that did not end well, and not because its user ended it. */
export function isFailedCommand(session: SessionSummary): boolean {
  const { ending } = session;
  return isPastCommand(session) && ending?.cause !== "killed" && ending?.exitCode !== 0;
}

function rankOf(session: SessionSummary): number {
  return isPastConversation(session) ? 0 : isFailedCommand(session) ? 1 : 2;
}
