import { readdir } from "node:fs/promises";
import { BridgeSettings } from "../../protocol/bridge-settings.ts";
import type { LoggedEvent } from "../../control/event-log.ts";
import { SessionId } from "../../protocol/ids.ts";
import type { Log } from "../../runtime/log.ts";
import type { StatePaths } from "../../runtime/paths.ts";
import { isAlive } from "../../runtime/process-identity.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { createKeyedQueue } from "../keyed-queue.ts";
import { within } from "../within.ts";
import {
  beginExternalControl,
  takeUpExternalControl,
  type ExternalControl,
  type ExternalControlParts,
  type ExternalStart,
} from "./external-control.ts";
import { externalIdOf } from "./external-sessions.ts";
import { RECONNECT_MS } from "./external-state.ts";

/** More than anybody starts; each may take 256 KiB of memory and 4 MiB of disk for its log. */
export const MAX_EXTERNAL_AGENTS = 128;
/** How long after the end of a pi what waits for it may wait. */
const LOOK_MS = 1_000;

type EventListener = (session: SessionId, logged: LoggedEvent) => void;

/** Every pi that pisync did not start and that the extension is in, as programs read and drive it. */
export interface ExternalControls {
  get(id: SessionId): ExternalControl | undefined;
  /**
   * As `get`, once its extension is connected: a daemon that has just started waits for it, 3 s at most, and so does one
   * that has just lost it.
   */
  find(id: SessionId): Promise<ExternalControl | undefined>;
  /** That of this process, from now on; undefined when it cannot be controlled, which is logged. */
  begin(start: ExternalStart): Promise<ExternalControl | undefined>;
  /** Calls back with each event of each of them, in their order, until the returned function is called. */
  onEvent(listener: EventListener): () => void;
  /** What waits for them stays for the next daemon. */
  close(): Promise<void>;
}

export interface ExternalControlsOptions {
  paths: StatePaths;
  log: Log;
  /** Looked up each time, so that a change counts for the next pi. */
  bridgeSettings: () => Promise<BridgeSettings>;
  /** One of the processes has ended. */
  onEnd: () => void;
}

/** Takes up what the daemon before this one has left. */
export async function openExternalControls(options: ExternalControlsOptions): Promise<ExternalControls> {
  const { paths, log, onEnd } = options;
  const controls = new Map<SessionId, ExternalControl>();
  const awaited = new Map<SessionId, PromiseWithResolvers<void>>();
  const listeners = new Set<EventListener>();
  const queue = createKeyedQueue();
  const startedAt = Date.now();

  function partsOf(id: SessionId, bridge: BridgeSettings): ExternalControlParts {
    const others = () => [...controls].filter(([other]) => other !== id);
    const waitingElsewhere = () => others().reduce((sum, [, { waitingBytes }]) => sum + waitingBytes, 0);
    return { id, paths, log, waitingElsewhere, bridge };
  }

  async function settings(): Promise<BridgeSettings> {
    return options.bridgeSettings().catch((error: unknown) => {
      log.warn("not-configured", { reason: errorText(error) });
      return BridgeSettings.parse({ enabled: false });
    });
  }

  function enter(control: ExternalControl): void {
    controls.set(control.id, control);
    control.events.follow((logged) => {
      for (const listener of listeners) listener(control.id, logged);
    });
  }

  async function takeUp(id: SessionId, bridge: BridgeSettings): Promise<void> {
    try {
      const control = await takeUpExternalControl(partsOf(id, bridge));
      if (control !== undefined) enter(control);
    } catch (error) {
      log.error("external-not-taken-up", { session: id, reason: errorText(error) });
    }
  }

  async function open(id: SessionId, start: ExternalStart): Promise<ExternalControl | undefined> {
    const present = controls.get(id);
    if (present !== undefined) return present;
    try {
      if (controls.size >= MAX_EXTERNAL_AGENTS) throw new Error("There are too many.");
      const control = await beginExternalControl(partsOf(id, await settings()), start);
      enter(control);
      return control;
    } catch (error) {
      log.error("external-not-controlled", { session: id, reason: errorText(error) });
      return undefined;
    }
  }

  async function look(): Promise<void> {
    for (const [id, control] of controls) {
      if (control.state.connected || (await isAlive(control.process))) continue;
      await queue.run([id], () => end(id, control));
    }
  }

  async function end(id: SessionId, control: ExternalControl): Promise<void> {
    if (!controls.delete(id)) return;
    onEnd();
    await control.end().catch((error: unknown) => {
      log.error("external-not-ended", { session: id, reason: errorText(error) });
    });
  }

  const left = (await readdir(paths.sessionsDirectory)).filter((name) => SessionId.safeParse(name).success);
  const bridge = await settings();
  await Promise.all(left.map((id) => takeUp(id, bridge)));
  const timer = setInterval(() => void look(), LOOK_MS).unref();

  return {
    get: (id) => controls.get(id),
    async find(id) {
      const patience = startedAt + RECONNECT_MS - Date.now();
      if (!controls.has(id) && patience > 0) {
        const arrival = awaited.get(id) ?? Promise.withResolvers<void>();
        awaited.set(id, arrival);
        await within(arrival.promise, patience);
        awaited.delete(id);
      }
      await controls.get(id)?.state.whenConnected();
      return controls.get(id);
    },
    async begin(start) {
      const id = externalIdOf(start.process);
      const control = await queue.run([id], () => open(id, start));
      awaited.get(id)?.resolve();
      return control;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      clearInterval(timer);
      await queue.idle();
      await Promise.all([...controls.values()].map((control) => control.close()));
    },
  };
}
