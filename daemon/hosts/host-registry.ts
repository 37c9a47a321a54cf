import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { ProcessIdentity, SessionId } from "../../protocol/ids.ts";
import { HostState, type SessionRecord } from "../../protocol/session.ts";
import { endsWithin } from "../../runtime/ensure-daemon.ts";
import { openEventStream, type ServerEvent } from "../../runtime/event-stream.ts";
import { parseJson } from "../../runtime/json-file.ts";
import type { Log } from "../../runtime/log.ts";
import { isAlive, signalProcess } from "../../runtime/process-identity.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { SessionRecords } from "../sessions/session-records.ts";
import { within } from "../within.ts";

/** Between looks at a host that is alive but ended its stream, or does not take one. Doubles up to the maximum. */
const RETRY_MS = 20;
const MAX_RETRY_MS = 2_000;
/** How long a child may outlive its dead host: its terminal is gone and it was told so by SIGHUP. */
const ORPHAN_GRACE_MS = 3_000;

/**
 * Follows every live host: its state as it changes, and its end. A host that ends well writes its record
 * itself; for one that died the registry does.
 */
export interface HostRegistry {
  /** What the host said last; undefined before its first word and after its end. */
  state(id: SessionId): HostState | undefined;
  /** Starts to follow the host in this record. Nothing happens when it is followed already. */
  follow(record: SessionRecord): void;
  /** Waits until each of these has said its state or ended, at most `timeoutMs`. */
  settle(ids: readonly SessionId[], timeoutMs: number): Promise<void>;
  /** True once the host has ended and its record says how; false when it had not within the time. */
  whenEnded(id: SessionId, timeoutMs: number): Promise<boolean>;
  /** SIGKILL to exactly the child and the host of this session. */
  forceEnd(id: SessionId): Promise<void>;
  /** Stops following; the hosts are not touched. */
  close(): void;
}

interface FollowedHost {
  readonly id: SessionId;
  readonly process: ProcessIdentity;
  readonly socket: string;
  /** The newest record this host was known by. */
  record: SessionRecord;
  state?: HostState;
  /** Resolve with the first state and with the end. */
  readonly spoken: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
}

export function createHostRegistry(records: SessionRecords, log: Log): HostRegistry {
  const hosts = new Map<SessionId, FollowedHost>();
  const closing = new AbortController();

  function follow(record: SessionRecord): void {
    if (record.host === undefined || closing.signal.aborted) return;
    const present = hosts.get(record.id);
    if (present !== undefined && present.record.generation >= record.generation) return;
    const host: FollowedHost = {
      id: record.id,
      process: record.host.process,
      socket: record.host.socket,
      record,
      spoken: Promise.withResolvers(),
      ended: Promise.withResolvers(),
    };
    hosts.set(record.id, host);
    void followToEnd(host).catch((error: unknown) => {
      log.error("host-not-followed", { session: host.id, reason: errorText(error) });
    });
  }

  async function followToEnd(host: FollowedHost): Promise<void> {
    let retryMs = RETRY_MS;
    for (;;) {
      const before = host.state;
      const failure = await listen(host);
      if (closing.signal.aborted) return;
      if (await hasEnded(host)) break;
      if (failure !== undefined && retryMs === RETRY_MS) {
        log.warn("host-unreachable", { session: host.id, reason: errorText(failure) });
      }
      retryMs = host.state === before ? Math.min(retryMs * 2, MAX_RETRY_MS) : RETRY_MS;
      await delay(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    if (hosts.get(host.id) === host) hosts.delete(host.id);
    host.spoken.resolve();
    host.ended.resolve();
    await records.prune();
  }

  /** One stream of events, from its opening to its end. Returns why it could not be opened. */
  async function listen(host: FollowedHost): Promise<unknown> {
    try {
      const stream = await openEventStream(host.socket, "/v1/events", {
        onEvent: (event) => take(host, event),
        signal: closing.signal,
        unreachable: "host-unreachable",
      });
      await stream.ended;
      return undefined;
    } catch (error) {
      return error;
    }
  }

  function take(host: FollowedHost, event: ServerEvent): void {
    if (event.event !== "state") return;
    let state: HostState;
    try {
      state = parseJson(event.data, HostState, "The host's state");
    } catch (error) {
      log.warn("host-state-not-understood", { session: host.id, reason: errorText(error) });
      return;
    }
    if (state.record.id !== host.id || state.record.generation !== host.record.generation) return;
    host.state = state;
    host.record = state.record;
    records.remember(state.record);
    host.spoken.resolve();
  }

  /** The order matters: what a process that is gone has written is final. */
  async function hasEnded(host: FollowedHost): Promise<boolean> {
    const alive = await isAlive(host.process);
    const entry = await records.reload(host.id);
    if (entry !== undefined && entry.record.host === undefined) return true;
    if (alive) {
      records.remember(host.record);
      return false;
    }
    const record = entry?.record ?? host.record;
    await markDied(record, host.state, records);
    log.warn("host-died", { session: host.id, pid: host.process.pid });
    await rm(host.socket, { force: true });
    if (record.host?.child !== undefined) void endOrphan(host.id, record.host.child, log);
    return true;
  }

  return {
    state: (id) => hosts.get(id)?.state,
    follow,
    async settle(ids, timeoutMs) {
      const spoken = ids.flatMap((id) => hosts.get(id)?.spoken.promise ?? []);
      await within(Promise.all(spoken), timeoutMs);
    },
    async whenEnded(id, timeoutMs) {
      const host = hosts.get(id);
      return host === undefined || within(host.ended.promise, timeoutMs);
    },
    async forceEnd(id) {
      const host = hosts.get(id);
      if (host === undefined) return;
      log.warn("host-force-ended", { session: id, pid: host.process.pid });
      if (host.record.host?.child !== undefined) await signalProcess(host.record.host.child, "SIGKILL");
      await signalProcess(host.process, "SIGKILL");
    },
    close: () => closing.abort(),
  };
}

/** A host that could not say how it ended: the record says so for it. */
async function markDied(record: SessionRecord, state: HostState | undefined, records: SessionRecords): Promise<void> {
  const at = Date.now();
  // Hosts of versions before this one say it by their status only.
  const interrupted = state?.running === true || state?.status?.state === "working";
  await records.save({ ...record, host: undefined, updatedAt: at, ending: { at, cause: "host-died", interrupted } });
}

/**
 * A child that ignores SIGHUP would go on writing its conversation without a terminal, while the session can be
 * resumed: two writers. So it is ended.
 */
async function endOrphan(session: SessionId, child: ProcessIdentity, log: Log): Promise<void> {
  if (await endsWithin(child, ORPHAN_GRACE_MS)) return;
  log.warn("orphan-ended", { session, pid: child.pid });
  await signalProcess(child, "SIGKILL");
}
