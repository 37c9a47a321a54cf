import type { LogSnapshot } from "../../protocol/events.ts";
import { BRIDGE_PROTOCOL, type BridgeState } from "../../protocol/pi-bridge.ts";
import { bridgeModel } from "./events.ts";

/** What does not change while a bridge serves. */
export interface BridgePlace {
  pid: number;
  hostname: string;
  socketPath: string;
  bridgeDir: string;
  /** ISO 8601. */
  startedAt: string;
}

/** What a bridge says of its pi, from a state snapshot. `reason`: why it says it. Pure. */
export function bridgeStateOf(
  { record, facts }: Pick<LogSnapshot, "record" | "facts">,
  place: BridgePlace,
  { running, waiting, now, reason }: { running: boolean; waiting: boolean; now: number; reason: string },
): BridgeState {
  const { pid, hostname, ...rest } = place;
  const model = bridgeModel(facts.model);
  return {
    protocol: BRIDGE_PROTOCOL,
    pid,
    hostname,
    cwd: record.cwd,
    ...(record.conversation ? { sessionId: record.conversation.id } : {}),
    ...(record.conversation?.path === undefined ? {} : { sessionFile: record.conversation.path }),
    ...(record.name === undefined ? {} : { sessionName: record.name }),
    ...(model ? { model } : {}),
    ...(facts.thinkingLevel === undefined ? {} : { thinkingLevel: facts.thinkingLevel }),
    isIdle: !running,
    hasPendingMessages: waiting || (facts.queued?.length ?? 0) > 0,
    ...rest,
    updatedAt: new Date(now).toISOString(),
    lastReason: reason,
  };
}
