import { EventEnvelope, GAP_EVENT, LogGap, SNAPSHOT_EVENT } from "../protocol/events.ts";
import { DaemonClient } from "./daemon-client.ts";
import { note } from "./output.ts";

export interface LogFollower {
  onEvent(envelope: EventEnvelope): void;
  /** Events were missed; by default it is said on standard error. */
  onGap?(gap: LogGap): void;
}

/** Between attempts at a daemon that was just replaced, in milliseconds. */
const AGAIN_MS = 500;

/**
 * Follows one session's log to its end, over restarts of the daemon and without a loss; or, without an id, the logs of
 * all sessions for ever. @throws PisyncError as the daemon refuses.
 */
export async function followLog(id: string | undefined, query: object, follower: LogFollower): Promise<void> {
  let ended = false as boolean;
  let last: number | undefined;
  const take = ({ event, data }: { event: string | undefined; data: string }) => {
    if (event === SNAPSHOT_EVENT) return;
    const value = JSON.parse(data) as unknown;
    const envelope = EventEnvelope.safeParse(value).data;
    if (envelope === undefined) {
      if (event === GAP_EVENT) (follower.onGap ?? sayGap)(LogGap.parse(value));
      return;
    }
    last = envelope.seq;
    ended ||= id !== undefined && event === "host_end";
    follower.onEvent(envelope);
  };
  for (let client = await DaemonClient.connect(); ; client = await DaemonClient.connect()) {
    const lastEventId = id === undefined ? undefined : last?.toString();
    const stream = await client.log(id, query, { onEvent: take, lastEventId });
    await stream.ended;
    if (ended) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function sayGap({ from, to }: LogGap): void {
  note(from === undefined ? "Some events were missed." : `The events ${from} to ${to ?? from} were missed.`);
}
