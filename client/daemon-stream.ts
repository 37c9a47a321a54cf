import { setTimeout as delay } from "node:timers/promises";
import { ensureDaemon } from "../runtime/ensure-daemon.ts";
import { readEventStream, type ServerEvent } from "../runtime/event-stream.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { StatePaths } from "../runtime/paths.ts";

/** Between attempts at a daemon that was just replaced, in milliseconds. */
const AGAIN_MS = 500;

export interface DaemonStreamOptions {
  /** Asked before each connection: the event to go on behind. */
  lastEventId?: () => string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The events of a stream of the daemon, one connection after the other, without end: a daemon that has gone is found
 * or started again. No more is read than is taken.
 * @throws PisyncError as the daemon refuses, and as `ensureDaemon`; the reason of `signal`.
 */
export async function* daemonStream(
  paths: StatePaths,
  path: string,
  { lastEventId, signal }: DaemonStreamOptions,
): AsyncGenerator<ServerEvent, never, void> {
  for (;;) {
    const { socket } = await ensureDaemon(paths);
    try {
      yield* readEventStream(socket, path, { lastEventId: lastEventId?.(), signal });
    } catch (error) {
      if (!(error instanceof PisyncError) || error.code !== "daemon-unreachable") throw error;
    }
    await delay(AGAIN_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
