import type { SessionSummary, Status } from "../../../protocol/session.ts";

export const NOW = 1_800_000_000_000;

/** A session as the daemon would list it. */
export function session(id: string, facts: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id,
    kind: "live",
    agent: "pi",
    title: `title of ${id}`,
    titleSource: "first-message",
    cwd: "/home/me/project",
    generation: 1,
    views: 0,
    createdAt: NOW - 60_000,
    updatedAt: NOW - 30_000,
    ...facts,
  };
}

export function status(state: Status["state"], facts: Partial<Status> = {}): Status {
  return { state, since: NOW - 65_000, source: "extension", ...facts };
}
