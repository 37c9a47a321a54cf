import { homedir } from "node:os";
import type { Degraded, HostAddress, SessionSummary } from "../../protocol/session.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { titleOf, type TitleParts } from "../../runtime/titles.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";
import type { KnownSession } from "./known-session.ts";

const KIND_ORDER = { live: 0, external: 1, resumable: 2 } as const;

/**
 * The one order of sessions: live, external, resumable, and of each kind the newest first. Nothing that changes while
 * a session goes on decides its place, so that no entry jumps.
 */
export function compareSessions(left: SessionSummary, right: SessionSummary): number {
  return (
    KIND_ORDER[left.kind] - KIND_ORDER[right.kind] ||
    right.createdAt - left.createdAt ||
    (left.id < right.id ? -1 : Number(left.id > right.id))
  );
}

/** One session as clients see it. `parent` is the id of the conversation that it was forked from. */
export function summarise(known: KnownSession, parent?: string): SessionSummary {
  const { id, kind, entry, state, external, held, indexed } = known;
  const record = entry?.record;
  const host = record?.host;
  return withoutAbsent({
    id,
    kind,
    agent: record?.agent ?? "pi",
    ...titleOf(titlePartsOf(known)),
    cwd: cwdOf(known),
    status: known.status.status,
    degraded: degradedOf(host) ?? state?.degraded,
    conversation: held?.conversation,
    attribution: held?.evidence && { evidence: held.evidence },
    ending: host === undefined ? record?.ending : undefined,
    pid: host?.child?.pid ?? external?.process.pid,
    socket: host?.socket,
    hostVersion: host?.version,
    // A record without host and ending was made for a name: nothing was launched yet.
    generation: host === undefined && record?.ending === undefined ? undefined : record?.generation,
    terminal: external?.terminal,
    parent,
    messages: indexed?.reading.messages,
    views: state?.views.length ?? 0,
    shownOn: shownOn(state),
    createdAt: record?.createdAt ?? external?.startedAt ?? indexed?.reading.header.createdAt ?? 0,
    updatedAt: lastActivity(known),
  });
}

/** What a host of another protocol says is not understood; what it wrote about itself is. */
function degradedOf(host: HostAddress | undefined): Degraded | undefined {
  if (host === undefined || host.protocol === PROTOCOL_VERSION) return undefined;
  const detail = `It was started by pisync ${plainText(host.version)}, which this pisync ${PACKAGE_VERSION} cannot show.`;
  return { reason: "other-version", detail };
}

/** What a title can be made from, and who said it. */
interface TitleFacts {
  who: "extension" | "record" | "file";
  name?: string | undefined;
  firstMessage?: string | undefined;
}

/**
 * The best first. What pi itself says counts, then what stands in the file: somebody may have renamed the conversation
 * since. A name that pi could not be told yet is in neither.
 */
export function titleFactsOf({ entry, external, held, indexed }: KnownSession): TitleFacts[] {
  const file = indexed === undefined ? [] : [{ who: "file", ...indexed.reading } as const];
  if (external !== undefined) return [{ who: "extension", ...external.report }, ...file];
  if (entry === undefined) return file;
  const { host, namePending, name, firstMessage } = entry.record;
  if (host !== undefined && held?.evidence === "extension") return [{ who: "extension", name, firstMessage }, ...file];
  const record = { who: "record", name, firstMessage } as const;
  return namePending ? [record, ...file] : [...file, record];
}

function titlePartsOf(known: KnownSession): TitleParts {
  const facts = titleFactsOf(known);
  const { agent = "pi", argv } = known.entry?.record ?? {};
  return {
    name: facts.find(({ name }) => name !== undefined)?.name,
    firstMessage: facts.find(({ firstMessage }) => firstMessage !== undefined)?.firstMessage,
    argv,
    agent,
  };
}

/** A conversation whose header names no directory is resumed at home. */
export function cwdOf({ entry, external, indexed }: KnownSession): string {
  return entry?.record.cwd ?? external?.cwd ?? indexed?.reading.header.cwd ?? homedir();
}

function lastActivity({ entry, external, indexed }: KnownSession): number {
  const { lastActivity: said = 0, header } = indexed?.reading ?? {};
  if (external !== undefined) return Math.max(said, external.startedAt);
  if (entry === undefined) return said || (header?.createdAt ?? 0);
  const { host, ending, updatedAt } = entry.record;
  // A name given to what has ended is no activity of it.
  return Math.max(said, host === undefined ? (ending?.at ?? 0) : updatedAt) || updatedAt;
}

function shownOn(state: KnownSession["state"]): string[] | undefined {
  const ttys = (state?.views ?? []).flatMap(({ tty }) => tty ?? []);
  return ttys.length === 0 ? undefined : ttys;
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
