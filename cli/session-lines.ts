import { constants } from "node:os";
import type { Degraded, SessionSummary, Status } from "../protocol/session.ts";
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
  const [mark, style] = markOf(session);
  const facts = factsOf(session, context.now).join(", ");
  const room = context.width - cellWidth(`  ${mark} ${session.id}    ${facts}`);
  const title = plainText(session.title, { maxCells: Math.max(room, 16) });
  return `  ${context.style(style, mark)} ${context.style("id", session.id)}  ${title}  ${context.style("quiet", facts)}`;
}

/** SIGKILL for 9. */
export function signalName(signal: number): string {
  const known = Object.entries(constants.signals).find(([, number]) => number === signal);
  return known?.[0] ?? `signal ${signal}`;
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
  const state = failureOf(session) ?? status?.state ?? (isLive(session) ? "live" : kind);
  const facts = [`${state} ${age(now - (status?.since ?? session.updatedAt))}`];
  if (views > 0) facts.push(views === 1 ? "1 view" : `${views} views`);
  if (status?.error !== undefined) facts.push(plainText(readableError(status.error), { maxCells: 40 }));
  if (degraded !== undefined) facts.push(`degraded: ${DEGRADED[degraded.reason]}`);
  return facts;
}

function markOf(session: SessionSummary): readonly [mark: string, style: LineStyle] {
  if (failureOf(session) !== undefined && session.ending?.cause !== "killed") return MARKS.error;
  if (session.status === undefined) return [isLive(session) ? "○" : "·", "quiet"];
  return MARKS[session.status.state];
}

/** What went wrong at the end of a session; undefined when it is live, ended well, or was interrupted. */
function failureOf({ ending, kind }: SessionSummary): string | undefined {
  if (kind === "live" || ending === undefined || ending.interrupted) return undefined;
  if (ending.cause === "killed") return "killed";
  if (ending.cause === "host-died") return "host died";
  if (ending.signal !== undefined) return `ended by ${signalName(ending.signal)}`;
  return ending.exitCode ? `failed (${ending.exitCode})` : undefined;
}

/** Why pisync knows less of a pi than it could, in few words. */
const DEGRADED: Record<Degraded["reason"], string> = {
  "switched-off": "extension switched off",
  "not-injected": "no extension",
  "not-connected": "extension silent",
  "unsupported-version": "pi is too old for some of it",
};

/**
 * Providers answer with a status and a JSON object, `401 {"error":{"message":"Invalid API key"}}`, of which the status
 * and one field are for people. The end of the object may be cut off.
 */
export function readableError(text: string): string {
  const start = text.indexOf("{");
  const message = start < 0 ? undefined : /"(?:message|error)"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text.slice(start))?.[1];
  if (message === undefined) return text;
  return `${text.slice(0, start).replace(/[:\s]+$/, "")} ${unquoted(message)}`.trim();
}

/** The text of a JSON string, or what stands between its quotes when it is none. */
function unquoted(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal.slice(1, -1);
  }
}

function isLive(session: SessionSummary): boolean {
  return session.kind === "live";
}
