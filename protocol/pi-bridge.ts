import * as z from "zod";
import { Mark, Positive, text } from "./values.ts";

/**
 * The protocol of the pi-session-bridge extension, which pisync serves for each pi so that programs written for that
 * extension work as they are (docs/pi-bridge.md): JSON objects, one a line, on `pi-<pid>.sock`. The bridge says
 * `bridge_hello` to who connects, answers each request with a `response`, and sends events as they happen.
 */
export const BRIDGE_PROTOCOL = "pi-session-bridge.v1";

/** Below the bridge directory: a BridgeState for each pi, `<pid>.json`. */
export const BRIDGE_INSTANCES = "instances";

/** What a bridge says of its pi: in its registry file, in `bridge_hello`, and to `get_state`. Times are ISO 8601. */
export const BridgeState = z.looseObject({
  protocol: z.string(),
  pid: Positive,
  hostname: z.string().optional(),
  cwd: z.string().optional(),
  /** Of the conversation. */
  sessionId: z.string().optional(),
  sessionFile: z.string().optional(),
  sessionName: z.string().optional(),
  model: z.looseObject({ provider: z.string().optional(), id: z.string().optional() }).optional(),
  thinkingLevel: z.string().optional(),
  isIdle: z.boolean().optional(),
  hasPendingMessages: z.boolean().optional(),
  socketPath: z.string(),
  bridgeDir: z.string().optional(),
  startedAt: z.string().optional(),
  updatedAt: z.string().optional(),
  /** Why this was written. */
  lastReason: z.string().optional(),
});
export type BridgeState = z.infer<typeof BridgeState>;

export interface BridgeEvent {
  type: "event";
  event: string;
  /** ISO 8601, in milliseconds. */
  timestamp: string;
  data: unknown;
  /** `data` is less than there was, which had so many bytes as JSON. */
  truncated?: true;
  originalBytes?: number;
  /** `history` with `raw` has the whole of it for as long as it is kept. */
  rawEventRef?: string;
  /** In an answer with `raw`: `data` is the whole, or why it is not. */
  rawRestored?: true;
  rawError?: string;
}

export interface BridgeResponse {
  type: "response";
  /** As in the request. */
  id?: unknown;
  command?: string;
  success: boolean;
  data?: unknown;
  error?: string;
}

export const BridgeRequest = z.looseObject({ id: z.unknown().optional(), type: text(64) });
export type BridgeRequest = z.infer<typeof BridgeRequest>;

/** What is no positive number counts as not given, as in the extension. */
const Count = z.coerce.number().positive().transform(Math.floor).optional().catch(undefined);
const Word = z.string().trim().min(1).optional().catch(undefined);

export const BridgeHistoryRequest = z.object({
  limit: Count,
  raw: Mark.catch(undefined),
  verbose: Mark.catch(undefined),
  event: Word,
  since: Word,
  maxBytes: Count,
  max_bytes: Count,
});

const Part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image"), mimeType: z.string(), data: z.string() }),
]);
const Content = z.union([z.string(), z.array(Part)]);
const Delivery = z
  .enum(["auto", "steer", "followUp", "follow_up", "follow-up", "now"])
  .transform((name) => (name === "follow_up" || name === "follow-up" ? ("followUp" as const) : name))
  .optional()
  .catch(undefined);

/** `content` and `streamingBehavior` are other names. */
export const BridgePromptRequest = z.object({
  message: Content.optional(),
  content: Content.optional(),
  deliverAs: Delivery,
  streamingBehavior: Delivery,
});

export const BridgeSettleRequest = z.object({
  requestId: Word,
  request_id: Word,
  answers: z.json().optional(),
});

export const BridgeEmitRequest = z.object({ message: z.string().catch("test") });
