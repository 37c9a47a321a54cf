import * as z from "zod";
import { EVENT_BOUNDS } from "./event-bounds.ts";
import { SessionId } from "./ids.ts";
import { HostState } from "./session.ts";
import { Count, Instant, Integer, Mark, Positive, text } from "./values.ts";

/**
 * The event log of a session: everything worth seeing that happened in it. The host keeps it; who reads it over the
 * daemon reads the same. Events of pi have pi's own names (`message_update`, `tool_execution_end`, …); docs/protocol.md
 * lists all of them with what they carry.
 *
 * GET  /v1/log        SSE: LogQuery; each event has its `seq` as id; `Last-Event-ID` goes on behind it
 * GET  /v1/history    HistoryQuery, answers History
 * GET  /v1/messages   MessagesQuery, answers MessagePage
 * GET  /v1/commands   answers CommandList
 * POST /v1/emit       EmitRequest, answers EventEnvelope
 *
 * The daemon serves the same below /v1/sessions/:id, and at GET /v1/log the logs of all sessions as one stream, whose
 * ids are `<session>:<seq>`.
 */

/** Version of the envelope. */
export const EVENT_VERSION = 1;

/** snake_case, as pi's are. */
export const EventName = text(64).regex(/^[a-z][a-z0-9_]*$/, "is not the name of an event");

export const EventData = z.record(z.string(), z.unknown());
export type EventData = z.infer<typeof EventData>;

export const EventEnvelope = z.object({
  v: z.literal(EVENT_VERSION),
  /** Grows by one with each event of the session, over all its hosts. What is missing is said by a `lost` event. */
  seq: Positive,
  /** `<session>:<seq>`: no other event of any session has it. */
  id: text(64),
  /** When it happened, in milliseconds since the epoch. */
  at: Instant,
  session: SessionId,
  event: EventName,
  data: EventData,
  /** Something of `data` is cut: there was more of it. */
  truncated: Mark,
  /** Of what was cut: the size of all of `data`, as JSON. */
  originalBytes: Count.optional(),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;

const Flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** `event` is one name or several with commas between them. */
const EventNames = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(EventName).max(32));

export const LogQuery = z.object({
  /** Whole events instead of compact ones. */
  raw: Flag.default(false),
  event: EventNames.optional(),
  /** Begin with the first event of this host, instead of with the next one. `Last-Event-ID` counts more. */
  whole: Flag.default(false),
});
export type LogQuery = z.infer<typeof LogQuery>;

/** ISO 8601, or milliseconds since the epoch. */
const InstantInQuery = z.union([
  z
    .string()
    .regex(/^\d{1,16}$/, "is no number")
    .transform(Number),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

export const HistoryQuery = z.object({
  raw: Flag.default(false),
  event: EventNames.optional(),
  /** The newest ones. */
  limit: z.coerce.number().int().min(1).max(EVENT_BOUNDS.events).default(EVENT_BOUNDS.events),
  /** Events from this instant on. */
  since: InstantInQuery.optional(),
  /** Events behind this seq. */
  after: z.coerce.number().int().min(0).optional(),
  "max-bytes": z.coerce.number().int().min(1).max(EVENT_BOUNDS.longestAnswerBytes).default(EVENT_BOUNDS.answerBytes),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const History = z.object({
  schemaVersion: z.literal(1),
  session: SessionId,
  /** Oldest first. */
  events: z.array(EventEnvelope),
  /** The newest of the session; 0 when nothing has happened yet. */
  seq: Count,
  /** The oldest that is still known; 0 when none is. */
  oldest: Count,
  /** Events that were asked for, are known, and did not fit `limit` or `max-bytes`. */
  omitted: Count,
});
export type History = z.infer<typeof History>;

/** What is true of the agent now, as far as its events tell. */
export const AgentFacts = z.object({
  /** `<provider>/<id>`. */
  model: text(256).optional(),
  thinkingLevel: text(64).optional(),
  /** Texts typed during a run that the agent has not taken yet. */
  queued: z
    .array(z.object({ text: text(1000), as: z.enum(["steer", "followUp"]) }))
    .max(64)
    .optional(),
});
export type AgentFacts = z.infer<typeof AgentFacts>;

/** GET /v1/state answers this; in the log it is the first event of a stream, and stands behind each gap. */
export const LogSnapshot = HostState.partial({ size: true }).extend({
  seq: Count,
  facts: AgentFacts,
});
export type LogSnapshot = z.infer<typeof LogSnapshot>;

/** Names of what a stream of the log sends besides envelopes. Neither has an id. */
export const SNAPSHOT_EVENT = "snapshot";
export const GAP_EVENT = "gap";

/** Events that the reader did not get: `from` to `to`, both included, where that is known. */
export const LogGap = z.object({
  /** In the log of all sessions: of this one. */
  session: SessionId.optional(),
  asked: text(64).optional(),
  from: Integer.optional(),
  to: Integer.optional(),
});
export type LogGap = z.infer<typeof LogGap>;

export const MAX_PAGE = 2_000;

export const MessagesQuery = z.object({
  /** Of the first message wanted, counted from the oldest, 0; without it the newest page is answered. */
  offset: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
});
export type MessagesQuery = z.infer<typeof MessagesQuery>;

export const MessagePage = z.object({
  schemaVersion: z.literal(1),
  conversation: text(256),
  /** Of the first message in the page. The page before it ends there. */
  offset: Count,
  /** Messages on the conversation's present branch. */
  total: Count,
  messages: z
    .array(
      z.object({
        id: text(256),
        at: Instant.optional(),
        /** pi's own message; pictures without their bytes. */
        message: EventData,
        /** Texts in it are cut. */
        truncated: Mark,
      }),
    )
    .max(MAX_PAGE),
});
export type MessagePage = z.infer<typeof MessagePage>;

export const CommandList = z.object({
  schemaVersion: z.literal(1),
  commands: z
    .array(
      z.object({
        /** Without the slash. */
        name: text(256),
        description: text(2000).optional(),
        /** `extension`, `prompt` (a template), `skill`, … */
        source: text(64),
      }),
    )
    .max(1000),
});
export type CommandList = z.infer<typeof CommandList>;

/** Puts an event named `emit` into the log: for readers of the log, never for the conversation. */
export const EmitRequest = z
  .object({
    /** What the event is about, for those who look for it. */
    name: z.string().trim().min(1).max(64).default("message"),
    text: text(64 * 1024).optional(),
    data: EventData.optional(),
  })
  .refine(({ text, data }) => text !== undefined || data !== undefined, "has neither text nor data");
export type EmitRequest = z.infer<typeof EmitRequest>;
