import type { ConversationRoot } from "../../adapters/agents/conversation-adapter.ts";
import type { AgentProcess, ProcessAdapter } from "../../adapters/agents/process-adapter.ts";
import type { MultiplexerAdapter } from "../../adapters/multiplexers/multiplexer-adapter.ts";
import type { ProcessIdentity, SessionId } from "../../protocol/ids.ts";
import type { Conversation, ExternalTerminal, SessionRecord, Status } from "../../protocol/session.ts";
import type { Log } from "../../runtime/log.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { sessionIdOf } from "../sessions/session-identity.ts";

/** Where processes are read from files, a look takes less than a millisecond; elsewhere it starts a program. */
const POLL_MS = process.platform === "linux" ? 2_000 : 5_000;
/** A session's record may be this much younger than its agent, and the agent may outlive it by as much. */
const RECORD_LAG_MS = 10_000;

/** What a pi that pisync did not start says about itself, when the extension is installed in it. */
export interface ExternalReport {
  conversation: Conversation;
  status: Status;
  name?: string | undefined;
  firstMessage?: string | undefined;
}

/** A pi that pisync did not start. Replaced, never changed. */
export interface ExternalSession {
  readonly id: SessionId;
  readonly process: ProcessIdentity;
  readonly cwd: string;
  /** Where it keeps its conversations, as far as that can be told. */
  readonly conversationRoots: readonly ConversationRoot[];
  readonly terminal?: ExternalTerminal | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly report?: ExternalReport | undefined;
}

/** The pi processes of this user that pisync did not start, for as long as they run. */
export interface ExternalSessions {
  /** The oldest first. */
  all(): readonly ExternalSession[];
  onChange(listener: () => void): () => void;
  /** Resolves after the first look. Never rejects. */
  whenLooked(): Promise<void>;
  /** Looks at once, and at every process. */
  refresh(): Promise<void>;
  /** What the extension in that process says; undefined once it no longer says anything. */
  report(process: ProcessIdentity, report: ExternalReport | undefined): void;
  close(): void;
}

export interface ExternalSessionsOptions {
  processes: ProcessAdapter;
  multiplexer: Pick<MultiplexerAdapter, "paneOf">;
  /** The record of a session of this state directory. */
  record(id: SessionId): SessionRecord | undefined;
  log: Log;
  pollMs?: number;
}

/** Looks at the processes from now on, every two seconds (macOS: five). */
export function createExternalSessions(options: ExternalSessionsOptions): ExternalSessions {
  const { processes, log, pollMs = POLL_MS } = options;
  const listeners = new Set<() => void>();
  const reports = new Map<SessionId, ExternalReport>();
  const terminals = new WeakMap<AgentProcess, ExternalTerminal>();
  let sessions: readonly ExternalSession[] = [];
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let failing = false;
  const closing = new AbortController();

  async function look(thorough: boolean): Promise<void> {
    const found = (await processes.look({ thorough })).filter((agent) => !isOwn(agent, recordOf(agent), Date.now()));
    const where = await Promise.all(found.map((agent) => terminalOf(agent, thorough)));
    if (closing.signal.aborted) return;
    // From here on nothing is awaited: a report that comes in between would be lost.
    const present = found.map((agent, at) => sessionOf(agent, where[at]));
    const same = present.length === sessions.length && present.every((session, at) => session === sessions[at]);
    if (!same) replace(present);
  }

  function replace(present: readonly ExternalSession[]): void {
    sessions = present;
    for (const listener of listeners) listener();
  }

  function sessionOf(agent: AgentProcess, terminal: ExternalTerminal | undefined): ExternalSession {
    const id = externalIdOf(agent.process);
    const report = reports.get(id);
    const before = sessions.find((session) => session.id === id);
    if (before !== undefined && before.terminal === terminal && before.report === report) return before;
    const { process, cwd, conversationRoots, startedAt } = agent;
    return { id, process, cwd, conversationRoots, terminal, startedAt, report };
  }

  /** A process never changes its terminal, and a terminal never its pane: what was found stays. */
  async function terminalOf(agent: AgentProcess, thorough: boolean): Promise<ExternalTerminal> {
    const known = terminals.get(agent);
    if (known !== undefined && (known.tmux !== undefined || !thorough)) return known;
    const pane = await options.multiplexer.paneOf(agent.environment, agent.tty);
    if (known !== undefined && pane === undefined) return known;
    const record = recordOf(agent);
    const terminal: ExternalTerminal = {
      tty: agent.tty,
      ...(pane && { tmux: { socket: pane.socket, pane: pane.pane } }),
      ...(record?.host?.child?.pid === agent.leader && { session: record.id }),
    };
    terminals.set(agent, terminal);
    return terminal;
  }

  function recordOf({ environment }: AgentProcess): SessionRecord | undefined {
    const session = environment["PISYNC_SESSION"];
    return session === undefined ? undefined : options.record(session);
  }

  /** One look at a time; a failed one leaves what the last one found. */
  function lookNext(thorough: boolean): Promise<void> {
    looking = looking.then(async () => {
      clearTimeout(timer);
      try {
        await look(thorough);
        failing = false;
      } catch (error) {
        if (!failing) log.warn("processes-not-read", { reason: errorText(error) });
        failing = true;
      }
      if (!closing.signal.aborted) timer = setTimeout(() => void lookNext(false), pollMs).unref();
    });
    return looking;
  }

  const looked = lookNext(true);
  return {
    all: () => sessions,
    whenLooked: () => looked,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh: () => lookNext(true),
    report(process, report) {
      const id = externalIdOf(process);
      if (report === undefined) reports.delete(id);
      else reports.set(id, report);
      if (sessions.some((session) => session.id === id)) {
        replace(sessions.map((session) => (session.id === id ? { ...session, report } : session)));
      } else if (report !== undefined) {
        processes.vouch(process);
        void lookNext(false);
      }
    },
    close() {
      closing.abort();
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** The same for as long as the process runs, whichever daemon looks. */
export function externalIdOf({ pid, startTime }: ProcessIdentity): SessionId {
  return sessionIdOf(`process ${pid} ${startTime}`);
}

/**
 * True for the agent of a session that pisync launched: it carries the session's id and runs on the terminal of the
 * host. One that somebody started by hand inside a session, or in a tmux that was started in one, carries the id too.
 */
export function isOwn(agent: AgentProcess, record: SessionRecord | undefined, now: number): boolean {
  if (agent.environment["PISYNC_SESSION"] === undefined) return false;
  if (record === undefined) return now - agent.startedAt < RECORD_LAG_MS;
  if (record.agent !== "pi") return false;
  if (record.host === undefined) return now - record.updatedAt < RECORD_LAG_MS;
  return record.host.child === undefined || record.host.child.pid === agent.leader;
}
