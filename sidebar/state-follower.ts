import { setTimeout as delay } from "node:timers/promises";
import { IndexState, Preferences, StateChange, StateSnapshot } from "../protocol/daemon-state.ts";
import { ensureDaemon } from "../runtime/ensure-daemon.ts";
import { openEventStream, type ServerEvent } from "../runtime/event-stream.ts";
import { parseJson } from "../runtime/json-file.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { errorText } from "../runtime/sanitise.ts";
import type { Message } from "./update.ts";

const RETRY_MS = 250;
const MAX_RETRY_MS = 4_000;

/**
 * Follows the daemon's state and goes on behind the last event after an interruption. Starts the daemon when
 * there is none. Ends with `signal`.
 */
export async function followState(
  paths: StatePaths,
  signal: AbortSignal,
  onMessage: (message: Message) => void,
): Promise<void> {
  let lastEventId: string | undefined;
  let retryMs = RETRY_MS;
  while (!signal.aborted) {
    try {
      const { socket } = await ensureDaemon(paths);
      const stream = await openEventStream(socket, "/v1/events", {
        signal,
        lastEventId,
        onEvent: (event) => {
          retryMs = RETRY_MS;
          lastEventId = event.id ?? lastEventId;
          const message = messageOf(event);
          if (message !== undefined) onMessage(message);
        },
      });
      onMessage({ type: "daemon", state: "connected" });
      await stream.ended;
    } catch (error) {
      // Its own closing ends up here too, when nothing is drawn any more.
      onMessage({ type: "notice", notice: { kind: "error", text: errorText(error) } });
    }
    onMessage({ type: "daemon", state: "lost" });
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

/** @throws PisyncError `malformed`, which ends the stream. */
function messageOf({ event, data }: ServerEvent): Message | undefined {
  if (event === "snapshot") return { type: "snapshot", ...parseJson(data, StateSnapshot, "The state snapshot") };
  if (event === "change") return { type: "change", ...parseJson(data, StateChange, "The change of state") };
  if (event === "index") return { type: "index", index: parseJson(data, IndexState, "The state of the index") };
  if (event === "preferences") {
    return { type: "preferences", preferences: parseJson(data, Preferences, "The preferences") };
  }
  // A gap is followed by a snapshot.
  return undefined;
}
