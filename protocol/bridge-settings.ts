import * as z from "zod";
import { EVENT_BOUNDS } from "./event-bounds.ts";

/** `bridge` of the configuration; names and defaults are those of the extension's own settings. */
export const BridgeSettings = z.strictObject({
  enabled: z.boolean().default(true),
  /** Absolute. `PI_BRIDGE_DIR` in the session's environment counts more. */
  directory: z.string().startsWith("/").max(4096).optional(),
  /** Between two writings of the registry file, in milliseconds. */
  heartbeatMs: z.number().int().min(100).max(3_600_000).default(15_000),
  /** Events that `history` answers at most. */
  historyLimit: z.number().int().min(1).max(EVENT_BOUNDS.events).default(EVENT_BOUNDS.events),
  /** Of the data of a compact event; beyond it only its size is told. */
  maxEventBytes: z.number().int().min(256).max(EVENT_BOUNDS.rawBytes).default(EVENT_BOUNDS.eventBytes),
  /** Of the event log of a session with a host: of all compact events in memory. */
  maxHistoryBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .max(16 * 1024 * 1024)
    .default(EVENT_BOUNDS.historyBytes),
  /** Of the same: of whole events on disk. It is cut in eighths, and a whole event fits one. */
  maxRawSpillBytes: z
    .number()
    .int()
    .min(4 * 1024 * 1024)
    .max(256 * 1024 * 1024)
    .default(EVENT_BOUNDS.spillBytes),
  /** Of the events in one answer. */
  maxHistoryResponseBytes: z.number().int().min(1024).max(EVENT_BOUNDS.spillBytes).default(EVENT_BOUNDS.answerBytes),
  /** Of each text in a compact event. */
  eventPreviewBytes: z.number().int().min(16).max(EVENT_BOUNDS.rawBytes).default(EVENT_BOUNDS.previewBytes),
  /** Of one request. */
  maxLineBytes: z
    .number()
    .int()
    .min(1024)
    .max(16 * 1024 * 1024)
    .default(1024 * 1024),
});
export type BridgeSettings = z.infer<typeof BridgeSettings>;
