import { readdir } from "node:fs/promises";
import type { LoggedEvent } from "../../control/event-log.ts";
import { SessionId, type ProcessIdentity } from "../../protocol/ids.ts";
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
  begin(process: ProcessIdentity, cwd: string): Promise<ExternalControl | undefined>;
  /** Calls back with each event of each of them, in their order, until the returned function is called. */
  onEvent(listener: EventListener): () => void;
  /** What waits for them stays for the next daemon. */
  close(): Promise<void>;
}

export interface ExternalControlsOptions {
  paths: StatePaths;
  log: Log;
  /** One of the processes has ended. */
  onEnd: () => void;
}

/** Takes up what the daemon before this one has left. */
export async function openExternalControls({ paths, log, onEnd }: ExternalControlsOptions): Promise<ExternalControls> {
  const controls = new Map<SessionId, ExternalControl>();
  const awaited = new Map<SessionId, PromiseWithResolvers<void>>();
  const listeners = new Set<EventListener>();
  const queue = createKeyedQueue();
  const startedAt = Date.now();

  function partsOf(id: SessionId): ExternalControlParts {
    const others = () => [...controls].filter(([other]) => other !== id);
    return {
      id,
      paths,
      log,
      waitingElsewhere: () => others().reduce((sum, [, { waitingBytes }]) => sum + waitingBytes, 0),
    };
  }

  function enter(control: ExternalControl): void {
    controls.set(control.id, control);
    control.events.follow((logged) => {
      for (const listener of listeners) listener(control.id, logged);
    });
  }

  async function takeUp(id: SessionId): Promise<void> {
    try {
      const control = await takeUpExternalControl(partsOf(id));
      if (control !== undefined) enter(control);
    } catch (error) {
      log.error("external-not-taken-up", { session: id, reason: errorText(error) });
    }
  }

  async function open(id: SessionId, process: ProcessIdentity, cwd: string): Promise<ExternalControl | undefined> {
    const present = controls.get(id);
    if (present !== undefined) return present;
    try {
      if (controls.size >= MAX_EXTERNAL_AGENTS) throw new Error("There are too many.");
      const control = await beginExternalControl(partsOf(id), process, cwd);
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

  for (const name of await readdir(paths.sessionsDirectory)) {
    const id = SessionId.safeParse(name);
    if (id.success) await takeUp(id.data);
  }
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
    async begin(process, cwd) {
      const id = externalIdOf(process);
      const control = await queue.run([id], () => open(id, process, cwd));
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
