import type { SessionSummary, Status } from "../protocol/session.ts";
import { cellWidth, plainText } from "../runtime/sanitise.ts";

export interface LineContext {
  /** Milliseconds since the epoch. */
  now: number;
  home: string | undefined;
  /** Cells of the terminal. */
  width: number;
  /** Colours a piece of the line; the identity when there is to be no colour. */
  style: (style: LineStyle, text: string) => string;
}

export type LineStyle = "directory" | "id" | "quiet" | "good" | "attention" | "bad";

const MARKS: Record<Status["state"], readonly [mark: string, style: LineStyle]> = {
  starting: ["◌", "quiet"],
  working: ["●", "good"],
  waiting: ["?", "attention"],
  idle: ["○", "quiet"],
  error: ["✗", "bad"],
  interrupted: ["!", "attention"],
  exited: ["·", "quiet"],
};

/**
 * Sessions for a person: grouped by directory, the groups with something live first, and live sessions first
 * in each; otherwise in the order given.
 */
export function sessionLines(sessions: readonly SessionSummary[], context: LineContext): string[] {
  const ordered = [...sessions.filter(isLive), ...sessions.filter((session) => !isLive(session))];
  const lines: string[] = [];
  for (const [directory, group] of Map.groupBy(ordered, ({ cwd }) => cwd)) {
    if (lines.length > 0) lines.push("");
    lines.push(context.style("directory", plainText(shortenHome(directory, context.home))));
    for (const session of group) lines.push(sessionLine(session, context));
  }
  return lines;
}

/** One session: mark, id, title, and what there is to say about it. */
export function sessionLine(session: SessionSummary, context: LineContext): string {
  const [mark, style] =
    session.status === undefined ? [isLive(session) ? "○" : "·", "quiet" as const] : MARKS[session.status.state];
  const facts = factsOf(session, context.now).join(", ");
  const room = context.width - cellWidth(`  ${mark} ${session.id}    ${facts}`);
  const title = plainText(session.title, { maxCells: Math.max(room, 16) });
  return `  ${context.style(style, mark)} ${context.style("id", session.id)}  ${title}  ${context.style("quiet", facts)}`;
}

/** `~/project` for a path in the home directory. */
export function shortenHome(path: string, home: string | undefined): string {
  if (!home || home === "/") return path;
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** A duration as one number and unit: 5s, 3m, 2h, 4d. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function factsOf(session: SessionSummary, now: number): string[] {
  const { status, degraded, views, kind } = session;
  const state = status?.state ?? (isLive(session) ? "live" : kind);
  const facts = [`${state} ${age(now - (status?.since ?? session.updatedAt))}`];
  if (views > 0) facts.push(views === 1 ? "1 view" : `${views} views`);
  if (status?.error !== undefined) facts.push(plainText(status.error, { maxCells: 40 }));
  if (degraded !== undefined) facts.push(`degraded: ${plainText(degraded.reason)}`);
  return facts;
}

function isLive(session: SessionSummary): boolean {
  return session.kind === "live";
}
