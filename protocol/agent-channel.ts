import * as z from "zod";
import { EventData, EventName } from "./events.ts";
import { PromptCommands, PromptReports } from "./prompts.ts";
import { QuestionCommands, QuestionReports } from "./questions.ts";
import { Count, Instant, Integer, Positive, text } from "./values.ts";

/**
 * The agent channel: how the extension inside the agent talks to its host. The extension upgrades
 * `GET /v1/agent` on the host's socket to `pisync-agent`; from then on both sides send JSON, one object a
 * line. The extension imports nothing of ours, so it follows these shapes by its own type-only import.
 */
export const AGENT_PATH = "/v1/agent";
export const AGENT_UPGRADE = "pisync-agent";

/** A longer line is an error for the sender: the host answers once and closes. */
export const MAX_AGENT_LINE_BYTES = 1024 * 1024;

const ConversationId = z.string().min(1).max(256);
const Path = text(4096);

export const AgentToHost = z.discriminatedUnion("type", [
  /** First on every connection; repeated after a reconnect, so the host always learns the present. */
  z.object({
    type: z.literal("hello"),
    token: text(128),
    /** Of the process the extension runs in: another one with the same token inherited it from its parent. */
    pid: Positive,
    agentVersion: text(64).optional(),
    /** Features this pi lacks, each in words for `degraded`. */
    missing: z.array(text(200)).max(32),
    /** By what this pi's bridge is looked for: `$PI_BRIDGE_DIR`, and the temporary folder. */
    bridge: z.object({ named: Path.optional(), temporary: Path }).optional(),
  }),
  /** At session_start, with every reason, and after each reconnect. */
  z.object({
    type: z.literal("identity"),
    reason: text(64),
    conversationId: ConversationId,
    /** Absent for an ephemeral conversation. */
    path: Path.optional(),
    cwd: Path,
    name: text(1000).optional(),
    firstMessage: text(1000).optional(),
    /** True while a run is going on. */
    running: z.boolean(),
    /** Dialogs that wait for their user, as in `waiting`. */
    waiting: z.number().int().min(0).max(1000).optional(),
  }),
  z.object({ type: z.literal("name"), name: text(1000).optional() }),
  z.object({ type: z.literal("first-message"), text: text(1000) }),
  z.object({ type: z.literal("run-start") }),
  z.object({
    type: z.literal("run-settled"),
    outcome: z.enum(["done", "aborted", "error"]),
    error: text(2000).optional(),
  }),
  /** At each change of the number of dialogs that wait for their user; 0 when the last one is answered or gone. */
  z.object({
    type: z.literal("waiting"),
    open: z.number().int().min(0).max(1000),
    /** Of the newest open one. */
    title: text(1000).optional(),
  }),
  /** Asks before `/resume` or a fork switches to another conversation. */
  z.object({
    type: z.literal("may-open"),
    request: Integer,
    conversationId: ConversationId,
    path: Path.optional(),
  }),
  /** Something that happened, for the session's event log. Says nothing about the session that the others do not. */
  z.object({
    type: z.literal("event"),
    event: EventName,
    at: Instant,
    data: EventData,
    /** Texts in `data` were cut: it had this many bytes, about. */
    originalBytes: Count.optional(),
  }),
  /** To an `ask` of the host: what was asked for, or why not. */
  z.object({
    type: z.literal("answer"),
    request: Integer,
    data: EventData.optional(),
    error: text(500).optional(),
  }),
  ...PromptReports,
  ...QuestionReports,
]);
export type AgentToHost = z.infer<typeof AgentToHost>;

export const HostToAgent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), session: z.string() }),
  /** `held` carries the sentence with the command that attaches; the extension shows it and cancels. */
  z.object({
    type: z.literal("may-open-answer"),
    request: Integer,
    allowed: z.boolean(),
    message: z.string().optional(),
  }),
  z.object({ type: z.literal("set-name"), name: z.string() }),
  /** `messages`: a page of the conversation's branch; `commands`: what can be typed behind a slash. */
  z.object({
    type: z.literal("ask"),
    request: Integer,
    what: z.enum(["messages", "commands"]),
    /** Of messages: as in MessagesQuery. */
    offset: Integer.optional(),
    limit: Integer.optional(),
  }),
  /** The conversation just opened is live elsewhere: shut this pi down, its views have been told to switch. */
  z.object({ type: z.literal("shutdown"), message: z.string() }),
  /** Shows this to the user. */
  z.object({ type: z.literal("notify"), message: z.string() }),
  z.object({ type: z.literal("error"), message: z.string() }),
  ...PromptCommands,
  ...QuestionCommands,
]);
export type HostToAgent = z.infer<typeof HostToAgent>;
