import type { SessionId } from "../../protocol/ids.ts";
import { HostState } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { requestJson } from "../../runtime/http-client.ts";
import type { Log } from "../../runtime/log.ts";
import type { Attributor } from "./attributor.ts";
import { createKeyedQueue } from "../keyed-queue.ts";
import type { SessionRecords } from "../sessions/session-records.ts";

export interface AttributionClaimsParts {
  attributor: Pick<Attributor, "of" | "onChange">;
  records: Pick<SessionRecords, "get" | "remember">;
  log: Log;
}

/**
 * Has each host hold the conversation that its silent agent was found to have open, so that nobody opens it a second
 * time, and so that the session can be resumed with it. Returns how to stop.
 */
export function claimAttributions({ attributor, records, log }: AttributionClaimsParts): () => void {
  const queue = createKeyedQueue();

  async function claim(id: SessionId): Promise<void> {
    const record = records.get(id)?.record;
    const found = attributor.of(id);
    if (record?.host === undefined || found === undefined) return;
    const conversation = { id: found.conversation.reading.header.id, path: found.conversation.path };
    const { evidence } = found;
    if (record.conversation?.id === conversation.id && record.attribution?.evidence === evidence) return;
    try {
      const options = { schema: HostState, unreachable: "host-unreachable" } as const;
      const body = { conversation, evidence };
      const state = await requestJson(record.host.socket, "POST", "/v1/attribution", { ...options, body });
      if (records.get(id)?.record.generation === record.generation) records.remember(state.record);
    } catch (error) {
      if (!(error instanceof PisyncError)) throw error;
      // What the comparison found stands; only the lease is somebody else's, or the host an older one.
      log.warn("attribution-not-claimed", { session: id, conversation: conversation.id, code: error.code });
    }
  }

  return attributor.onChange((id) => {
    queue
      .run([id], () => claim(id))
      .catch((error: unknown) => log.error("attribution-claim-failed", { session: id, reason: String(error) }));
  });
}
