import type { SessionSummary } from "../../protocol/session.ts";

/** Something its user may want to hear of. */
export interface Notification {
  readonly kind: "finished" | "failed" | "waiting";
  readonly session: SessionSummary;
  /** One sentence for a person. */
  readonly text: string;
}

/**
 * What a change of a session is worth saying; undefined for most. Each transition is one change, so it is said once; a
 * session that has just become known has not changed, nor has one that went on to another conversation.
 */
export function notificationOf(before: SessionSummary | undefined, after: SessionSummary): Notification | undefined {
  if (before?.status === undefined || after.status === undefined || after.kind === "resumable") return undefined;
  const [was, is] = [before.conversation?.id, after.conversation?.id];
  if (was !== undefined && was !== is) return undefined;
  const kind = kindOf(before.status, after.status);
  return kind && { kind, session: after, text: SENTENCES[kind](after) };
}

function kindOf(
  before: NonNullable<SessionSummary["status"]>,
  after: NonNullable<SessionSummary["status"]>,
): Notification["kind"] | undefined {
  if (after.state === "waiting" && before.state !== "waiting") return "waiting";
  if (after.state === "error" && before.state !== "error") return "failed";
  const ended = after.state === "idle" && (before.state === "working" || before.state === "waiting");
  return ended ? "finished" : undefined;
}

const SENTENCES: Record<Notification["kind"], (session: SessionSummary) => string> = {
  finished: ({ title }) => `Finished: ${title}`,
  failed: ({ title, status }) => `Failed: ${title}${status?.error === undefined ? "" : ` (${status.error})`}`,
  waiting: ({ title }) => `Waits for your answer: ${title}`,
};
