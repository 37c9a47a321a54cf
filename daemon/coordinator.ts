import { setTimeout as delay } from "node:timers/promises";
import type { AgentAdapter, LaunchPlan } from "../adapters/agents/agent-adapter.ts";
import type { LaunchAnswer, LaunchRequest, ResumeRequest } from "../protocol/daemon-api.ts";
import type { HostLaunch } from "../protocol/host-launch.ts";
import type { SessionId } from "../protocol/ids.ts";
import { HostState, type AgentName, type SessionRecord } from "../protocol/session.ts";
import { sessionKey } from "../runtime/conversation-leases.ts";
import { PisyncError } from "../runtime/failure.ts";
import { requestJson } from "../runtime/http-client.ts";
import { readLease, type LeaseHolder } from "../runtime/lease.ts";
import type { StatePaths } from "../runtime/paths.ts";
import type { HostRegistry } from "./hosts/host-registry.ts";
import type { ConversationGuard } from "./conversation-guard.ts";
import type { ConversationIndex } from "./conversation-index/conversation-index.ts";
import { conversationIsExternal, isExternal } from "./external/external-refusals.ts";
import type { ExternalSessions } from "./external/external-sessions.ts";
import { createKeyedQueue } from "./keyed-queue.ts";
import type { LaunchHost } from "./hosts/launch-host.ts";
import type { SessionList } from "./sessions/session-list.ts";
import type { SessionRecords } from "./sessions/session-records.ts";
import { held, noSuchSession, requireDirectory } from "./api/refusals.ts";
import { nextGeneration, recordToResume, startedAnew } from "./sessions/resumable-record.ts";

/** How long a host that holds the conversation may take to start or to end before the launch is refused. */
const HOLDER_DEADLINE_MS = 10_000;
const HOLDER_ANSWER_MS = 2_000;
const POLL_INTERVAL_MS = 20;

export interface CoordinatorParts {
  paths: StatePaths;
  records: SessionRecords;
  hosts: HostRegistry;
  sessions: Pick<SessionList, "find" | "known" | "ofConversation">;
  externals: Pick<ExternalSessions, "refresh">;
  guard: ConversationGuard;
  index: Pick<ConversationIndex, "watch">;
  adapters: Readonly<Record<AgentName, AgentAdapter>>;
  launchHost: LaunchHost;
  /** The file that the pi adapter injects. */
  extensionPath: string;
}

/** Decides for each launch whether a host is started or one that is there already is meant. */
export interface Coordinator {
  /**
   * A conversation that is live is attached to; one that is listed already is resumed under the id it is listed
   * with; a repeated request with the same id is the same launch.
   * @throws PisyncError `cwd-missing`, `program-not-found`, `conversation-held`, `conversation-external`,
   * `launch-failed`, …
   */
  launch(request: LaunchRequest): Promise<LaunchAnswer>;
  /** @throws as `launch`, and `no-such-target`, `nothing-to-resume`, `external-session`. */
  resume(id: SessionId, request: ResumeRequest): Promise<LaunchAnswer>;
  /** Resolves once the launches that are going on now have their answers. */
  idle(): Promise<void>;
}

/** What a host gets besides the plan. */
type LaunchDetails = Pick<HostLaunch, "id" | "agent" | "argv" | "env" | "size" | "expectsView"> & {
  name?: string | undefined;
  previous?: SessionRecord | undefined;
};

export function createCoordinator(parts: CoordinatorParts): Coordinator {
  const { paths, records, hosts, sessions, externals, guard, index, adapters, extensionPath } = parts;
  const queue = createKeyedQueue();

  async function launch(request: LaunchRequest): Promise<LaunchAnswer> {
    const known = records.get(request.id);
    if (known !== undefined) return answer("started", known.record);
    await requireDirectory(request.cwd);
    const { agent, argv, cwd, env } = request;
    const plan = await adapters[agent].plan({ argv, cwd, env, extensionPath });
    await watchPlaces(agent, { argv, cwd, env });
    return queue.run(plan.conversationKeys, () => open(plan, { ...request, previous: listedWith(plan) }));
  }

  async function resume(id: SessionId, request: ResumeRequest): Promise<LaunchAnswer> {
    if (sessions.find(id)?.kind === "external") return resumeExternal(id, request);
    const live = await liveHolder([sessionKey(id)], Date.now() + HOLDER_DEADLINE_MS);
    if (live !== undefined) return attached(live, request);
    // The lease is free, so a host that is still followed is just being noticed to have ended.
    await hosts.whenEnded(id, HOLDER_DEADLINE_MS);
    const record = recordToResume(sessions.known(id) ?? noSuchSession(id));
    await requireDirectory(record.cwd, record.conversation?.path);
    const { agent, argv } = record;
    const promptsWait = await records.promptsWait(id);
    const plan = await adapters[agent].planResume(record, { env: request.env, extensionPath, promptsWait });
    await watchPlaces(agent, { argv, cwd: record.cwd, env: request.env });
    return queue.run(plan.conversationKeys, () => {
      const previous = records.get(id)?.record ?? record;
      const goesBack = plan.conversation !== undefined;
      return open(plan, { ...request, id, agent, argv, previous: goesBack ? previous : startedAnew(previous) });
    });
  }

  /** Only what it had open can be resumed, and only once it has ended. */
  async function resumeExternal(id: SessionId, request: ResumeRequest): Promise<LaunchAnswer> {
    await externals.refresh();
    const session = sessions.find(id) ?? noSuchSession(id);
    if (session.kind !== "external") return resume(session.id, request);
    throw session.conversation === undefined ? isExternal(session) : conversationIsExternal(session);
  }

  /** The launcher's environment may lead elsewhere than the daemon's. */
  async function watchPlaces(agent: AgentName, start: Pick<LaunchRequest, "argv" | "cwd" | "env">): Promise<void> {
    for (const root of await adapters[agent].conversationRoots(start)) index.watch(root);
  }

  /** The session that is listed with the conversation, which no process holds. */
  function listedWith(plan: LaunchPlan): SessionRecord | undefined {
    const listed = plan.conversation && sessions.ofConversation(plan.conversation.id);
    const known = listed?.kind === "resumable" ? sessions.known(listed.id) : undefined;
    return known && recordToResume(known);
  }

  /** Runs alone for these conversation keys in this process; the host's leases guard against all others. */
  async function open(plan: LaunchPlan, details: LaunchDetails): Promise<LaunchAnswer> {
    if (plan.cwd !== details.previous?.cwd) await requireDirectory(plan.cwd);
    const deadline = Date.now() + HOLDER_DEADLINE_MS;
    const keys = [sessionKey(details.previous?.id ?? details.id), ...plan.conversationKeys];
    for (;;) {
      const live = await liveHolder(keys, deadline);
      if (live !== undefined) return attached(live, details);
      const holder = await guard.holderOf(plan);
      if (holder?.kind === "external") throw conversationIsExternal(holder);
      const silent = holder && records.get(holder.id)?.record;
      if (silent?.host !== undefined) return attached(silent, details);
      const report = await parts.launchHost(hostLaunch(plan, details));
      if (report.outcome === "ready") {
        records.remember(report.record);
        hosts.follow(report.record);
        return answer("started", report.record);
      }
      if (report.outcome === "failed") throw PisyncError.fromBody(report);
      if (Date.now() > deadline) throw held(report.holder.session);
    }
  }

  /**
   * The record of the live session that holds one of the keys. A holder that is starting or ending is waited
   * for, until it answers or lets go.
   */
  async function liveHolder(keys: readonly string[], deadline: number): Promise<SessionRecord | undefined> {
    for (const key of keys) {
      let holder = await readLease(paths.leasesDirectory, key);
      while (holder?.session !== undefined) {
        const record = await askHolder(holder);
        if (record !== undefined) {
          records.remember(record);
          hosts.follow(record);
          return record;
        }
        if (Date.now() > deadline) throw held(holder.session);
        await delay(POLL_INTERVAL_MS);
        holder = await readLease(paths.leasesDirectory, key);
      }
    }
    return undefined;
  }

  function answer(outcome: LaunchAnswer["outcome"], record: SessionRecord): LaunchAnswer {
    return { outcome, session: sessions.find(record.id) ?? noSuchSession(record.id) };
  }

  function attached(record: SessionRecord, { expectsView }: { expectsView: boolean }): LaunchAnswer {
    const { session, outcome } = answer("attached", record);
    const shown = expectsView ? ": showing it" : "";
    return { outcome, session, notice: `Session ${session.id} (${session.title}) is live${shown}.` };
  }

  return {
    // Requests that repeat an id wait for the first one and then find its session.
    launch: (request) => queue.run([sessionKey(request.id)], () => launch(request)),
    resume(id, request) {
      const meant = sessions.find(id)?.id ?? id;
      return queue.run([sessionKey(meant)], () => resume(meant, request));
    },
    idle: () => queue.idle(),
  };
}

function hostLaunch(plan: LaunchPlan, details: LaunchDetails): HostLaunch {
  const { previous } = details;
  return {
    id: previous?.id ?? details.id,
    generation: previous === undefined ? 1 : nextGeneration(previous),
    agent: details.agent,
    argv: details.argv,
    env: details.env,
    size: details.size,
    expectsView: details.expectsView,
    ...(details.name === undefined ? {} : { name: details.name }),
    ...(previous === undefined ? {} : { previous }),
    ...plan,
  };
}

/** The holder's own word that it is live; undefined while it cannot give it. */
async function askHolder({ socket }: LeaseHolder): Promise<SessionRecord | undefined> {
  if (socket === undefined) return undefined;
  try {
    const options = { schema: HostState, timeoutMs: HOLDER_ANSWER_MS, unreachable: "host-unreachable" } as const;
    const { record } = await requestJson(socket, "GET", "/v1/state", options);
    return record.host === undefined ? undefined : record;
  } catch (error) {
    if (error instanceof PisyncError) return undefined;
    throw error;
  }
}
