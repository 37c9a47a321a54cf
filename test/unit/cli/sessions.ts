import type { LineContext } from "../../../cli/session-lines.ts";
import type { SessionSummary } from "../../../protocol/session.ts";

export const NOW = 1_700_000_000_000;

export const plainContext: LineContext = {
  now: NOW,
  home: "/home/ann",
  width: 80,
  unicode: true,
  style: (_, text) => text,
};

/** A live, idle session, or what the fields make of it. */
export function session(fields: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: "k3x9abcd",
    kind: "live",
    agent: "pi",
    title: "Fix the login bug",
    titleSource: "first-message",
    cwd: "/home/ann/shop",
    status: { state: "idle", since: NOW - 5_000, source: "extension" },
    generation: 1,
    views: 0,
    createdAt: NOW - 60_000,
    updatedAt: NOW - 60_000,
    ...fields,
  };
}

/** A conversation that can be resumed, of which pisync knows no more than its file. */
export function past(id: string, fields: Partial<SessionSummary> = {}): SessionSummary {
  const { agent, titleSource, cwd, views, createdAt, updatedAt } = session();
  return { id, kind: "resumable", agent, title: id, titleSource, cwd, views, createdAt, updatedAt, ...fields };
}
