import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { Status } from "../protocol/session.ts";

/**
 * The status after a message of the extension; the same object when it changes nothing. `since` is the start
 * of the state, so a repeated report (after a reconnect) does not restart the clock. `conversationId` is the
 * conversation the session held before the message.
 *
 * Pure, and used wherever an extension reports: by the host of a session, and by the daemon for a pi that pisync did
 * not start.
 */
export function statusAfter(
  present: Status | undefined,
  message: AgentToHost,
  conversationId: string | undefined,
  now: number,
): Status | undefined {
  switch (message.type) {
    case "identity": {
      const known = message.conversationId === conversationId ? present : undefined;
      return enter(known, message.running ? "working" : settledState(known), now);
    }
    case "run-start":
      return enter(present, "working", now);
    case "run-settled":
      if (message.outcome !== "error") return enter(present, "idle", now);
      return { state: "error", since: now, source: "extension", ...(message.error ? { error: message.error } : {}) };
    case "hello":
    case "name":
    case "first-message":
    case "waiting":
    case "may-open":
      return present;
  }
}

/** A repeated identity while nothing runs says nothing new about an error that was reported before. */
function settledState(present: Status | undefined): "idle" | "error" {
  return present?.state === "error" && present.source === "extension" ? "error" : "idle";
}

function enter(present: Status | undefined, state: "working" | "idle" | "error", now: number): Status {
  if (present?.state === state && present.source === "extension") return present;
  return { state, since: now, source: "extension" };
}
