import type { TargetQuery } from "../../protocol/daemon-api.ts";
import type { Ending, SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { isExternal } from "../external/external-refusals.ts";
import type { SessionList } from "../sessions/session-list.ts";

const LISTED_CANDIDATES = 10;
/** Of what a program that failed said last. */
const LAST_WORDS_CELLS = 100;

/** What a query can choose from: the entries of the list, and by its exact id also a session that is none. */
export type Candidates = Pick<SessionList, "all" | "find">;

/**
 * The one session that a query means.
 * @throws PisyncError `no-such-target`, `ambiguous-target`, `no-live-session`, and `not-live`, `already-live` or
 * `external-session` when the session is there but not of the kind asked for.
 */
export function resolveTarget(query: TargetQuery, candidates: Candidates): SessionSummary {
  if (!hasFilter(query)) return onlyOne(query.kind, candidates);
  const matches = matching(query, candidates);
  const fitting = fittingOf(matches, query.kind);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) throw ambiguous(`${askedText(query)} means ${fitting.length} sessions`, fitting);
  const [other, ...more] = matches;
  if (other === undefined) throw noSuchTarget(query);
  throw more.length > 0 ? ambiguous(`${askedText(query)} means ${matches.length} sessions`, matches) : wrongKind(other);
}

/**
 * What runs is meant before what has ended, and an external session that nobody can read or drive stands back where there
 * is another one.
 */
function fittingOf(matches: readonly SessionSummary[], kind: TargetQuery["kind"]): SessionSummary[] {
  if (kind !== "running" && kind !== "any") return matches.filter((summary) => summary.kind === kind);
  const running = matches.filter((summary) => summary.kind !== "resumable");
  const controllable = running.filter(
    ({ kind: own, attribution }) => own === "live" || attribution?.evidence === "extension",
  );
  const meant = controllable.length > 0 ? controllable : running;
  return kind === "any" && meant.length === 0 ? [...matches] : meant;
}

/** What is meant when nothing is named: the only one of its kind; a command that ended is not worth a guess. */
function onlyOne(asked: TargetQuery["kind"], candidates: Candidates): SessionSummary {
  const runs = asked === "any" || asked === "running";
  const kind = runs ? "live" : asked;
  const fitting = candidates
    .all()
    .filter((summary) => summary.kind === kind && (kind !== "resumable" || summary.conversation !== undefined))
    .filter(({ dismissed }) => !dismissed);
  const [only, ...others] = fitting;
  if (only === undefined) throw nothingOf(runs && hasExternal(candidates) ? "running" : kind);
  if (others.length === 0) return only;
  const several = kind === "resumable" ? "conversations can be resumed" : `${kind} sessions`;
  throw ambiguous(`${kind === "resumable" ? "" : "There are "}${fitting.length} ${several}`, fitting);
}

/** Why a session that has ended cannot be attached to, and how to get it back. */
export function notLive(summary: SessionSummary): PisyncError {
  const resumable = summary.agent !== "pi" || summary.conversation !== undefined;
  return new PisyncError("not-live", `Session ${summary.id} (${summary.title}) ${endingText(summary)}.`, {
    next: resumable
      ? `Bring it back with: pisync resume ${summary.id}`
      : "It left no conversation to resume. Start a new one with: pisync pi",
    facts: { session: summary.id, ...(summary.ending === undefined ? {} : { cause: summary.ending.cause }) },
  });
}

function hasFilter({ kind: _, ...filters }: TargetQuery): boolean {
  return Object.keys(filters).length > 0;
}

function matching(query: TargetQuery, candidates: Candidates): SessionSummary[] {
  const exact = query.target ?? query.session;
  const byId = exact === undefined ? undefined : candidates.find(exact);
  const chosen = byId === undefined ? candidates.all() : [byId];
  const filtered = chosen.filter(
    (summary) =>
      (query.target === undefined || meansTarget(summary, query.target)) &&
      (query.session === undefined || summary.id.startsWith(query.session)) &&
      (query.pid === undefined || summary.pid === query.pid) &&
      (query.cwd === undefined || summary.cwd === query.cwd) &&
      (query.socket === undefined || summary.socket === query.socket) &&
      (query.name === undefined || isCalled(summary, query.name)),
  );
  return preferExact(filtered, query);
}

function meansTarget({ id, conversation }: SessionSummary, target: string): boolean {
  return id.startsWith(target) || (conversation?.id.startsWith(target) ?? false);
}

/** A part is enough of a name that somebody gave; a title made of a prompt or a command line counts as a whole. */
function isCalled({ title, titleSource }: SessionSummary, text: string): boolean {
  return title === text || (titleSource === "name" && title.toLowerCase().includes(text.toLowerCase()));
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
      return `has ended: its program exited with code ${ending.exitCode ?? 0}${lastWordsOf(ending)}`;
    case "killed":
      return "has ended: it was killed";
    case "host-died":
      return "has ended: its host died";
    case "launch-failed":
      return "never started";
  }
}

function lastWordsOf({ error }: Ending): string {
  return error === undefined ? "" : ` ("${plainText(error, { maxCells: LAST_WORDS_CELLS })}")`;
}

function wrongKind(summary: SessionSummary): PisyncError {
  if (summary.kind === "external") return isExternal(summary);
  if (summary.kind === "resumable") return notLive(summary);
  return new PisyncError("already-live", `Session ${summary.id} (${summary.title}) is live.`, {
    next: `End it first with: pisync kill ${summary.id}`,
    facts: { session: summary.id },
  });
}

function hasExternal(candidates: Candidates): boolean {
  return candidates.all().some(({ kind }) => kind === "external");
}

function nothingOf(kind: SessionSummary["kind"] | "running"): PisyncError {
  switch (kind) {
    case "running":
      return new PisyncError("no-live-session", "There is no live session.", {
        next: "Name the pi that was started without pisync, by its id in: pisync list",
      });
    case "live":
      return new PisyncError("no-live-session", "There is no live session.", {
        next: "Start one with: pisync pi, or see what can be resumed with: pisync list",
      });
    case "external":
      return new PisyncError("no-such-target", "There is no pi that was started without pisync.", {
        next: "See what there is with: pisync list",
      });
    case "resumable":
      return new PisyncError("no-such-target", "There is no conversation to resume.", {
        next: "Start one with: pisync pi",
      });
  }
}

function noSuchTarget(query: TargetQuery): PisyncError {
  const asked = askedText(query);
  return new PisyncError("no-such-target", `There is no session for ${asked}.`, {
    next: "See what there is with: pisync list",
    facts: { asked },
  });
}

/** The sentence, and each candidate on a line of its own. */
function ambiguous(sentence: string, matches: readonly SessionSummary[]): PisyncError {
  const lines = matches
    .slice(0, LISTED_CANDIDATES)
    .map(({ id, title, cwd }) => `${id}  ${title}  ${plainText(cwd, { maxCells: 60 })}`);
  if (matches.length > LISTED_CANDIDATES) lines.push(`and ${matches.length - LISTED_CANDIDATES} more`);
  return new PisyncError("ambiguous-target", [`${sentence}:`, ...lines].join("\n"), {
    next: "Name one of them by its id.",
    facts: { candidates: matches.map(({ id }) => id) },
  });
}

function askedText({ kind: _, ...filters }: TargetQuery): string {
  return Object.entries(filters)
    .map(([name, value]) => `${name === "target" ? "" : `--${name} `}${plainText(String(value), { maxCells: 80 })}`)
    .join(" ");
}
