import type { SessionSummary } from "../protocol/session.ts";
import { comparePast } from "../runtime/past-sessions.ts";
import { shortenHome } from "../runtime/short-forms.ts";
import { fuzzyMatch, type FuzzyMatch } from "./fuzzy.ts";
import { textOf } from "../runtime/line-editor.ts";
import type { Model } from "./model.ts";

/** A row of the list. `key` names it for as long as it exists. */
export type Row =
  | {
      readonly kind: "group";
      readonly key: string;
      readonly directory: string;
      readonly folded: boolean;
      /** All of the directory, shown or not. */
      readonly sessions: readonly SessionSummary[];
    }
  | {
      readonly kind: "session";
      readonly key: string;
      readonly directory: string;
      readonly session: SessionSummary;
      readonly match?: FuzzyMatch["ranges"];
    }
  | { readonly kind: "more"; readonly key: string; readonly directory: string; readonly hidden: number };

interface Group {
  readonly directory: string;
  readonly entries: Entry[];
}

interface Entry {
  readonly session: SessionSummary;
  readonly match?: FuzzyMatch | undefined;
}

/** Of what has ended in a directory these many are shown until more are asked for. */
const RESUMABLE_SHOWN = 5;

const KIND_RANK = { live: 0, external: 1, resumable: 2 } as const;

export const groupKey = (directory: string): string => `g:${directory}`;
export const sessionKey = (id: string): string => `s:${id}`;
const moreKey = (directory: string): string => `m:${directory}`;

let last: { of: Pick<Model, "sessions" | "folded" | "expanded" | "filter">; rows: readonly Row[] } | undefined;

/** The rows of the whole list. Computed once for as long as nothing they depend on changes. */
export function rowsOf(model: Model): readonly Row[] {
  const { sessions, folded, expanded, filter } = model;
  if (
    last?.of.sessions === sessions &&
    last.of.folded === folded &&
    last.of.expanded === expanded &&
    last.of.filter === filter
  ) {
    return last.rows;
  }
  const rows = computeRows(model);
  last = { of: { sessions, folded, expanded, filter }, rows };
  return rows;
}

function computeRows(model: Model): Row[] {
  const pattern = model.filter === undefined ? "" : textOf(model.filter.line).trim();
  const listed = [...model.sessions.values()].filter(({ dismissed }) => !dismissed);
  const groups = pattern === "" ? groupsByPlace(listed) : groupsByMatch(listed, pattern, model.places.home);
  return groups.flatMap((group) => rowsOfGroup(group, model, pattern !== ""));
}

function rowsOfGroup({ directory, entries }: Group, model: Model, filtered: boolean): Row[] {
  const folded = !filtered && model.folded.has(directory);
  const sessions = entries.map(({ session }) => session);
  const heading: Row = { kind: "group", key: groupKey(directory), directory, folded, sessions };
  if (folded) return [heading];
  const all = filtered || model.expanded.has(directory);
  const present = entries.filter(({ session }) => session.kind !== "resumable");
  const past = entries.slice(present.length);
  // A row that says "1 more" takes the room of the one it hides.
  const shown = all || past.length <= RESUMABLE_SHOWN + 1 ? past : past.slice(0, RESUMABLE_SHOWN);
  const rows = [...present, ...shown].map(({ session, match }): Row => {
    const row = { kind: "session", key: sessionKey(session.id), directory, session } as const;
    return match === undefined ? row : { ...row, match: match.ranges };
  });
  const hidden = past.length - shown.length;
  return hidden === 0
    ? [heading, ...rows]
    : [heading, ...rows, { kind: "more", key: moreKey(directory), directory, hidden }];
}

/** Directories with something live first; what changes while sessions go on has no say. */
function groupsByPlace(sessions: Iterable<SessionSummary>): Group[] {
  const groups = [...Map.groupBy(sessions, ({ cwd }) => cwd)].map(([directory, members]) => ({
    directory,
    members: members.sort(bySession),
  }));
  groups.sort((left, right) => byGroup(left.members, right.members) || (left.directory < right.directory ? -1 : 1));
  return groups.map(({ directory, members }) => ({ directory, entries: members.map((session) => ({ session })) }));
}

/** The best matches first, still below their directories. */
function groupsByMatch(sessions: Iterable<SessionSummary>, pattern: string, home: string | undefined): Group[] {
  const found: (Entry & { score: number })[] = [];
  for (const session of sessions) {
    const ofTitle = fuzzyMatch(pattern, session.title);
    const whole = ofTitle ?? fuzzyMatch(pattern, `${session.title} ${shortenHome(session.cwd, home)}`);
    if (whole !== undefined) found.push({ session, score: whole.score, match: ofTitle });
  }
  found.sort((left, right) => right.score - left.score || bySession(left.session, right.session));
  const groups = Map.groupBy(found, ({ session }) => session.cwd);
  return [...groups].map(([directory, entries]) => ({
    directory,
    entries: entries.toSorted(
      (left, right) => KIND_RANK[left.session.kind] - KIND_RANK[right.session.kind] || right.score - left.score,
    ),
  }));
}

function bySession(left: SessionSummary, right: SessionSummary): number {
  const rank = KIND_RANK[left.kind] - KIND_RANK[right.kind];
  if (rank !== 0) return rank;
  if (left.kind === "resumable") return comparePast(left, right);
  return right.createdAt - left.createdAt || (left.id < right.id ? -1 : 1);
}

function byGroup(left: readonly SessionSummary[], right: readonly SessionSummary[]): number {
  const [first, second] = [left[0], right[0]];
  if (first === undefined || second === undefined) return 0;
  const [past, alsoPast] = [first.kind === "resumable", second.kind === "resumable"];
  // Live directories by their name, which stays; the others by when they were used last.
  return Number(past) - Number(alsoPast) || (past ? newest(right) - newest(left) : 0);
}

function newest(members: readonly SessionSummary[]): number {
  return members.reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), 0);
}
