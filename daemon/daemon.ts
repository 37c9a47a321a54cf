import { watch, type FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { AgentAdapter } from "../adapters/agents/agent-adapter.ts";
import type { NoticeAdapter } from "../adapters/multiplexers/notice-adapter.ts";
import type { DaemonInfo } from "../protocol/daemon-api.ts";
import type { AgentName, SessionRecord } from "../protocol/session.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { loadConfig } from "../runtime/config.ts";
import { meetsExpectation } from "../runtime/daemon-expectation.ts";
import { DAEMON_LEASE_KEY } from "../runtime/ensure-daemon.ts";
import { inheritableEnvironment } from "../runtime/environment.ts";
import { listenUnix } from "../runtime/http-server.ts";
import { claimLease, pruneLeases, type Lease } from "../runtime/lease.ts";
import type { Log } from "../runtime/log.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { ownIdentity } from "../runtime/process-identity.ts";
import { errorText } from "../runtime/sanitise.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";
import { createAgentAvailabilities } from "./agent-availability.ts";
import { createApi } from "./api/api.ts";
import { createCoordinator } from "./coordinator.ts";
import { createExternalChannel } from "./external/external-channel.ts";
import { openExternalControls } from "./external/external-controls.ts";
import { createHostRegistry, type HostRegistry } from "./hosts/host-registry.ts";
import { createKnowledge, type KnowledgeParts } from "./knowledge.ts";
import { createHostLauncher } from "./hosts/launch-host.ts";
import { Notifier } from "./notifications/notifier.ts";
import { UnseenRuns } from "./notifications/unseen-runs.ts";
import { createOrders } from "./orders.ts";
import { loadPreferences } from "./preferences.ts";
import { createListAnswers } from "./api/list-answers.ts";
import { createSessionLogs } from "./api/session-logs.ts";
import { createSessionControl } from "./session-control.ts";
import { loadSessionRecords, type SessionRecords } from "./sessions/session-records.ts";
import { within } from "./within.ts";

/** A host that is stopped (SIGSTOP) must not keep the daemon from serving the others. */
const ADOPTION_MS = 1_000;
/** Where processes are read from files it takes milliseconds. */
const LOOK_MS = 1_000;
/**
 * A daemon that was killed may have been starting a host, whose record then appears after this daemon's first look.
 * When it looks again; the last time is when the one before would have given that host up.
 */
const LOOKS_AGAIN_MS = [1_000, 5_000, 15_000];
/** Clients that wait for a launch still get their answer; none takes longer than this. */
const LAUNCHES_GRACE_MS = 15_000;
/** Far longer than any process can sit between its look at a lease and its claim. */
const LEASE_REMAINS_MS = 7 * 24 * 60 * 60 * 1_000;

export interface DaemonOptions extends Pick<
  KnowledgeParts,
  "conversations" | "processes" | "multiplexer" | "indexProgram"
> {
  /** Exists and is private already. */
  paths: StatePaths;
  log: Log;
  adapters: Readonly<Record<AgentName, AgentAdapter>>;
  notices: NoticeAdapter;
  hostProgram: string;
  extensionPath: string;
  /** Called when a client asks the daemon to stop. */
  onStop: () => void;
}

/** The running control plane of one state directory. */
export interface Daemon {
  /** Stops serving and lets the next daemon in. Hosts keep running. May be called more than once. */
  close(): Promise<void>;
}

/** Starts the daemon of this state directory, or says that another process is it. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon | "held"> {
  const { paths, log } = options;
  const claim = await claimLease(paths.leasesDirectory, DAEMON_LEASE_KEY, {
    process: await ownIdentity(),
    socket: paths.daemonSocket,
  });
  if (claim.outcome === "held") return "held";
  try {
    return await serve(options, claim.lease);
  } catch (error) {
    log.error("daemon-failed", { reason: errorText(error) });
    await claim.lease.release();
    throw error;
  }
}

async function serve(options: DaemonOptions, lease: Lease): Promise<Daemon> {
  const { paths, log } = options;
  await pruneLeases(paths.leasesDirectory, LEASE_REMAINS_MS);
  const records = await loadSessionRecords(paths, log);
  const hosts = createHostRegistry(records, log);
  await adopt(
    records.all().map(({ record }) => record),
    hosts,
  );
  const launcher = createHostLauncher(paths, options.hostProgram);
  const { stateDirectory } = paths;
  const env = inheritableEnvironment(process.env);
  const preferences = await loadPreferences(stateDirectory, log);
  const knowledge = await createKnowledge({ ...options, records, hosts, preferences, stateDirectory, env });
  const { sessions, externals, guard, index } = knowledge;
  const coordinator = createCoordinator({
    paths,
    records,
    hosts,
    sessions,
    externals,
    guard,
    index,
    adapters: options.adapters,
    launchHost: launcher.launch,
    extensionPath: options.extensionPath,
  });
  const startedAt = Date.now();
  const info = (): DaemonInfo => ({
    version: PACKAGE_VERSION,
    protocol: PROTOCOL_VERSION,
    pid: process.pid,
    startedAt,
    stateDirectory: paths.stateDirectory,
    socket: paths.daemonSocket,
    liveSessions: records.all().filter(({ record }) => record.host !== undefined).length,
  });
  const control = createSessionControl(records, hosts, sessions, preferences);
  const agents = createAgentAvailabilities({ adapters: options.adapters, env });
  const orders = createOrders();
  const notifier = new Notifier({
    sessions,
    state: (id) => hosts.state(id),
    isMuted: (id) => preferences.mutedAll || preferences.isMuted(id),
    notices: options.notices,
    settings: async () => (await loadConfig()).notifications,
    env,
    log,
  });
  const unseenRuns = new UnseenRuns({ sessions, state: (id) => hosts.state(id), notices: options.notices, log });
  const lists = createListAnswers(knowledge);
  const controls = await openExternalControls({
    paths,
    log,
    bridgeSettings: async () => (await loadConfig()).bridge,
    onEnd: () => void externals.refresh(),
  });
  const logs = createSessionLogs({ sessions, controls });
  const api = createApi({
    knowledge,
    records,
    controls,
    coordinator,
    control,
    agents,
    orders,
    logs,
    lists,
    info,
    stop: options.onStop,
  });
  const channel = createExternalChannel({
    leasesDirectory: paths.leasesDirectory,
    controls,
    report: (agent, report) => externals.report(agent, report),
    log,
  });
  // Whoever asks at once for a pi that somebody started finds it.
  await within(externals.whenLooked(), LOOK_MS);
  const server = await listenUnix(api, paths.daemonSocket, {
    meets: meetsExpectation,
    onUpgrade: (request, socket, head) => channel.accept(request, socket, head),
    onError: (error) => log.error("request-failed", { reason: errorText(error) }),
  });
  log.info("daemon-started", { version: PACKAGE_VERSION, pid: process.pid, liveSessions: info().liveSessions });
  const watcher = await watchSocket(paths.daemonSocket, options.onStop);
  const looks = LOOKS_AGAIN_MS.map((afterMs) => setTimeout(() => void lookAgain(records, hosts, log), afterMs).unref());
  return closable(async () => {
    for (const look of looks) clearTimeout(look);
    watcher.close();
    await within(coordinator.idle(), LAUNCHES_GRACE_MS);
    await launcher.close();
    // A launch that has just ended writes its answer in this same turn of the event loop.
    await setImmediate();
    agents.close();
    orders.close();
    notifier.close();
    unseenRuns.close();
    logs.close();
    lists.close();
    channel.close();
    await controls.close();
    hosts.close();
    await knowledge.close();
    await server.close();
    await lease.release();
    log.info("daemon-stopped", { pid: process.pid });
  });
}

/** Finds the hosts again that a daemon before this one started; those that died meanwhile are marked so. */
async function adopt(records: readonly SessionRecord[], hosts: HostRegistry): Promise<void> {
  const held = records.filter((record) => record.host !== undefined);
  for (const record of held) hosts.follow(record);
  await hosts.settle(
    held.map(({ id }) => id),
    ADOPTION_MS,
  );
}

async function lookAgain(records: SessionRecords, hosts: HostRegistry, log: Log): Promise<void> {
  try {
    for (const record of await records.reloadEnded()) hosts.follow(record);
  } catch (error) {
    log.error("sessions-not-read", { reason: errorText(error) });
  }
}

/**
 * Calls `onGone` when the socket was removed or replaced (a cleaned temporary folder, a deleted state
 * directory): nobody can reach this daemon any more, and its lease would keep out one that can be reached.
 */
async function watchSocket(socketPath: string, onGone: () => void): Promise<FSWatcher> {
  const inode = async () => (await stat(socketPath).catch(() => undefined))?.ino;
  const own = await inode();
  const check = async () => ((await inode()) === own ? undefined : onGone());
  const watcher = watch(dirname(socketPath), { persistent: false }, () => void check());
  // Without a watch the daemon serves as well; it only would not notice.
  return watcher.on("error", () => watcher.close());
}

function closable(close: () => Promise<void>): Daemon {
  let closed: Promise<void> | undefined;
  return { close: () => (closed ??= close()) };
}
