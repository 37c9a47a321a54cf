import type { Degraded, SessionSummary } from "../protocol/session.ts";
import { plainText } from "../runtime/sanitise.ts";
import { MARKS, markOf, signOf, type MarkColour } from "../runtime/session-marks.ts";
import { statusWords } from "../runtime/session-words.ts";
import { age } from "../runtime/short-forms.ts";
import { placeOf } from "../runtime/terminal-place.ts";

/** How a piece of a line is meant; what that looks like is decided where the line is printed. */
export type LineStyle = "directory" | "id" | "quiet" | "good" | "news" | "attention" | "bad" | "match";

const STYLES: Readonly<Record<MarkColour, LineStyle>> = {
  cyan: "good",
  green: "news",
  yellow: "attention",
  red: "bad",
  grey: "quiet",
};

/** A session's mark, and the style of it and of its status. */
export function shownMark(
  session: SessionSummary,
  terminal: { unicode: boolean },
): readonly [sign: string, style: LineStyle] {
  const name = markOf(session);
  return [signOf(name, terminal), STYLES[MARKS[name].colour]];
}

/** What there is to say about a session besides its title, the most important first. */
export function factsOf(session: SessionSummary, now: number): string[] {
  const { status, degraded, views } = session;
  const facts: string[] = [];
  // Nobody says how an external session is before its conversation is known.
  if (session.kind !== "external" || status !== undefined) facts.push(stateOf(session, now));
  if (session.kind === "external") facts.push(`external: ${whereOf(session)}`);
  if (status?.error !== undefined) facts.push(plainText(readableError(status.error), { maxCells: 40 }));
  if (views > 0) facts.push(views === 1 ? "1 view" : `${views} views`);
  if (session.muted) facts.push("muted");
  if (session.dismissed) facts.push("dismissed");
  if (degraded !== undefined) facts.push(`degraded: ${DEGRADED[degraded.reason]}`);
  return facts;
}

/** Where an external session's user finds it: `tmux pane %7`, `terminal pts/3`. */
export function whereOf({ terminal }: Pick<SessionSummary, "terminal">): string {
  return terminal === undefined ? "no terminal" : plainText(placeOf(terminal), { maxCells: 60 });
}

/** True when there is a process: live, or external. */
export function runs({ kind }: SessionSummary): boolean {
  return kind !== "resumable";
}

function stateOf(session: SessionSummary, now: number): string {
  const { status, updatedAt, kind } = session;
  const words = statusWords(session);
  // Of what ended well only the age is worth saying.
  if (words === undefined && !runs(session)) return `${age(now - updatedAt)} ago`;
  return `${words ?? kind} ${age(now - (status?.since ?? updatedAt))}${status?.unseen ? ", unseen" : ""}`;
}

/** Why pisync knows less of a pi than it could, in few words. */
const DEGRADED: Record<Degraded["reason"], string> = {
  "switched-off": "extension switched off",
  "not-injected": "no extension",
  "not-connected": "extension silent",
  "unsupported-version": "pi is too old for some of it",
  "other-version": "started by another version of pisync",
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
