import type { TargetQuery } from "../protocol/daemon-api.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import { plainText } from "../runtime/sanitise.ts";

const LISTED_CANDIDATES = 10;

/** What a query can choose from. */
export interface Candidates {
  /** The entries of `list`. */
  listed: readonly SessionSummary[];
  /** All sessions: also those the list leaves out, which only their exact id still means. */
  all: readonly SessionSummary[];
}

/**
 * The one session that a query means.
 * @throws PisyncError `no-such-target`, `ambiguous-target`, `no-live-session`, and `not-live` or
 * `already-live` when the session is there but not of the kind asked for.
 */
export function resolveTarget(query: TargetQuery, candidates: Candidates): SessionSummary {
  const asked = hasFilter(query) ? query : { ...query, kind: "live" as const };
  const matches = matching(asked, candidates);
  const fitting = matches.filter((summary) => asked.kind === "any" || summary.kind === asked.kind);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) throw ambiguous(asked, fitting);
  if (!hasFilter(query)) throw noLiveSession();
  const [other, ...more] = matches;
  if (other === undefined) throw noSuchTarget(query);
  throw more.length > 0 ? ambiguous(asked, matches) : wrongKind(other);
}

/** Why a session that has ended cannot be attached to, and how to get it back. */
export function notLive(summary: SessionSummary): PisyncError {
  return new PisyncError("not-live", `Session ${summary.id} (${summary.title}) ${endingText(summary)}.`, {
    next: `Bring it back with: pisync resume ${summary.id}`,
    facts: { session: summary.id, ...(summary.ending === undefined ? {} : { cause: summary.ending.cause }) },
  });
}

function hasFilter({ kind: _, ...filters }: TargetQuery): boolean {
  return Object.keys(filters).length > 0;
}

function matching(query: TargetQuery, { listed, all }: Candidates): SessionSummary[] {
  const exact = query.target ?? query.session;
  const byId = exact === undefined ? undefined : all.find((summary) => summary.id === exact);
  const chosen = byId === undefined ? listed : [byId];
  const filtered = chosen.filter(
    (summary) =>
      (query.target === undefined || meansTarget(summary, query.target)) &&
      (query.session === undefined || summary.id.startsWith(query.session)) &&
      (query.pid === undefined || summary.pid === query.pid) &&
      (query.cwd === undefined || summary.cwd === query.cwd) &&
      (query.socket === undefined || summary.socket === query.socket) &&
      (query.name === undefined || contains(summary.title, query.name)),
  );
  return preferExact(filtered, query);
}

function meansTarget({ id, conversation }: SessionSummary, target: string): boolean {
  return id.startsWith(target) || (conversation?.id.startsWith(target) ?? false);
}

function contains(title: string, name: string): boolean {
  return title.toLowerCase().includes(name.toLowerCase());
}

/** What was named in full is meant, even when it is also a part of something else. */
function preferExact(summaries: SessionSummary[], { target, name }: TargetQuery): SessionSummary[] {
  const exact = summaries.filter(
    (summary) =>
      (target === undefined || summary.id === target || summary.conversation?.id === target) &&
      (name === undefined || summary.title === name),
  );
  return exact.length > 0 ? exact : summaries;
}

function endingText({ ending }: SessionSummary): string {
  if (ending === undefined) return "has ended";
  switch (ending.cause) {
    case "exited":
      return `has ended: its program exited with code ${ending.exitCode ?? 0}`;
    case "killed":
      return "has ended: it was killed";
    case "host-died":
      return "has ended: its host died";
    case "launch-failed":
      return "never started";
  }
}

function wrongKind(summary: SessionSummary): PisyncError {
  if (summary.kind !== "live") return notLive(summary);
  return new PisyncError("already-live", `Session ${summary.id} (${summary.title}) is live.`, {
    next: `Attach to it with: pisync attach ${summary.id}`,
    facts: { session: summary.id },
  });
}

function noLiveSession(): PisyncError {
  return new PisyncError("no-live-session", "There is no live session.", {
    next: "Start one with: pisync pi, or see what can be resumed with: pisync list",
  });
}

function noSuchTarget(query: TargetQuery): PisyncError {
  const asked = askedText(query);
  return new PisyncError("no-such-target", `There is no session for ${asked}.`, {
    next: "See what there is with: pisync list",
    facts: { asked },
  });
}

function ambiguous(query: TargetQuery, matches: readonly SessionSummary[]): PisyncError {
  const lines = matches
    .slice(0, LISTED_CANDIDATES)
    .map(({ id, kind, title, cwd }) => `${id} (${kind}, ${title}, ${plainText(cwd, { maxCells: 60 })})`);
  const more = matches.length > LISTED_CANDIDATES ? ` and ${matches.length - LISTED_CANDIDATES} more` : "";
  const what = hasFilter(query)
    ? `${askedText(query)} means ${matches.length} sessions`
    : `There are ${matches.length} live sessions`;
  return new PisyncError("ambiguous-target", `${what}: ${lines.join("; ")}${more}.`, {
    next: "Name one of them by its id.",
    facts: { candidates: matches.map(({ id }) => id) },
  });
}

function askedText({ kind: _, ...filters }: TargetQuery): string {
  return Object.entries(filters)
    .map(([name, value]) => `${name === "target" ? "" : `--${name} `}${plainText(String(value), { maxCells: 80 })}`)
    .join(" ");
}
