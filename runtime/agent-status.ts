import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { Status } from "../protocol/session.ts";

/** What is known of an agent that reports: the status to show, and what it will be again once no dialog is open. */
export interface AgentStatus {
  shown: Status | undefined;
  /** Present while `shown` is waiting. */
  beneath?: Status | undefined;
}

/**
 * The status after a message of the extension; the same object when it changes nothing. `since` is the start
 * of the state, so a repeated report (after a reconnect) does not restart the clock, nor does a dialog in the middle
 * of a run. `conversationId` is the conversation the session held before the message.
 *
 * Pure, and used wherever an extension reports: by the host of a session, and by the daemon for a pi that pisync did
 * not start.
 */
export function statusAfter(
  present: AgentStatus,
  message: AgentToHost,
  conversationId: string | undefined,
  now: number,
): AgentStatus {
  if (message.type === "waiting") return withDialogs(present, message.open, now);
  const isWaiting = present.shown?.state === "waiting";
  const before = isWaiting ? present.beneath : present.shown;
  const after = withoutDialogs(before, message, conversationId, now);
  if (message.type === "identity") {
    const known = isWaiting && message.conversationId === conversationId;
    return withDialogs(known ? { shown: present.shown, beneath: after } : { shown: after }, message.waiting ?? 0, now);
  }
  if (after === before) return present;
  return isWaiting ? { shown: present.shown, beneath: after } : { shown: after };
}

function withDialogs(present: AgentStatus, open: number, now: number): AgentStatus {
  if (present.shown?.state === "waiting") return open > 0 ? present : { shown: present.beneath };
  if (open === 0) return present;
  return { shown: { state: "waiting", since: now, source: "extension" }, beneath: present.shown };
}

function withoutDialogs(
  present: Status | undefined,
  message: AgentToHost,
  conversationId: string | undefined,
  now: number,
): Status | undefined {
  if (message.type === "identity") {
    const known = message.conversationId === conversationId ? present : undefined;
    return enter(known, message.running ? "working" : settledState(known), now);
  }
  if (message.type === "run-start") return enter(present, "working", now);
  if (message.type !== "run-settled") return present;
  if (message.outcome !== "error") return enter(present, "idle", now);
  return { state: "error", since: now, source: "extension", ...(message.error ? { error: message.error } : {}) };
}

/** A repeated identity while nothing runs says nothing new about an error that was reported before. */
function settledState(present: Status | undefined): "idle" | "error" {
  return present?.state === "error" && present.source === "extension" ? "error" : "idle";
}

function enter(present: Status | undefined, state: "working" | "idle" | "error", now: number): Status {
  if (present?.state === state && present.source === "extension") return present;
  return { state, since: now, source: "extension" };
}
