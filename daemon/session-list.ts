import type { HostState, SessionRecord, SessionSummary } from "../protocol/session.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { SessionEntry } from "./session-records.ts";

const TITLE_CELLS = 80;

/** What is known of a session: its record, and its host's state while one answers. */
export interface KnownSession extends SessionEntry {
  readonly state?: HostState | undefined;
}

/**
 * What `list` shows: live sessions before resumable ones, newest first, and one entry for each conversation.
 * Ended sessions that cannot be resumed are left out.
 */
export function listSessions(sessions: readonly KnownSession[]): SessionSummary[] {
  const summaries = sessions
    .filter(({ record, resumable }) => record.host !== undefined || resumable)
    .map(summarise)
    .sort(byPlace);
  return onePerConversation(summaries);
}

/** One session as clients see it: once it has ended, it has a conversation only if that can be resumed. */
export function summarise({ record, resumable, state }: KnownSession): SessionSummary {
  const live = record.host !== undefined;
  const { conversation, attribution } = live || resumable ? record : {};
  return withoutAbsent({
    id: record.id,
    kind: live ? "live" : "resumable",
    agent: record.agent,
    ...titleOf(record),
    cwd: record.cwd,
    status: state?.status ?? endedStatus(record),
    degraded: state?.degraded,
    conversation,
    // How the conversation was told is only worth saying while there is one.
    attribution: conversation === undefined ? undefined : attribution,
    ending: live ? undefined : record.ending,
    pid: record.host?.child?.pid,
    socket: record.host?.socket,
    hostVersion: record.host?.version,
    generation: record.generation,
    views: state?.views.length ?? 0,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  });
}

/** The name its user gave it, else the first message, else the command line. */
function titleOf(record: SessionRecord): { title: string; titleSource: SessionSummary["titleSource"] } {
  const name = shown(record.name);
  if (name !== "") return { title: name, titleSource: "name" };
  const message = shown(record.firstMessage);
  if (message !== "") return { title: message, titleSource: "first-message" };
  return { title: shown(record.argv.join(" ")) || record.agent, titleSource: "command" };
}

function shown(text: string | undefined): string {
  return plainText(text ?? "", { maxCells: TITLE_CELLS });
}

function endedStatus(record: SessionRecord): SessionSummary["status"] {
  if (record.host !== undefined || record.ending === undefined) return undefined;
  const { at, interrupted } = record.ending;
  return { state: interrupted ? "interrupted" : "exited", since: at, source: "process" };
}

/** Nothing that changes while a session goes on decides its place, so that no entry jumps. */
function byPlace(left: SessionSummary, right: SessionSummary): number {
  if (left.kind !== right.kind) return left.kind === "live" ? -1 : 1;
  return right.createdAt - left.createdAt || (left.id < right.id ? -1 : 1);
}

/** A live session wins over resumable ones, and of these the one that held the conversation last. */
function onePerConversation(ordered: SessionSummary[]): SessionSummary[] {
  const winners = new Map<string, SessionSummary>();
  for (const summary of ordered) {
    const key = summary.conversation?.id;
    if (key === undefined) continue;
    const present = winners.get(key);
    if (present === undefined || (present.kind !== "live" && summary.updatedAt > present.updatedAt)) {
      winners.set(key, summary);
    }
  }
  return ordered.filter(({ conversation, ...summary }) => {
    return conversation === undefined || winners.get(conversation.id)?.id === summary.id;
  });
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
