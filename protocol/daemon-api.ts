import * as z from "zod";
import { ErrorBody } from "./errors.ts";
import { SessionId } from "./ids.ts";
import { AgentName, SessionSummary, Size, TerminalDevice } from "./session.ts";
import { Count, Integer, text } from "./values.ts";

/**
 * HTTP API of the daemon, on `run/daemon.sock`:
 *
 * GET  /v1/daemon                      DaemonInfo
 * POST /v1/daemon/stop                 answers 202, then the daemon exits; hosts keep running
 * GET  /v1/sessions                    SessionList, stable order
 * GET  /v1/sessions/:id/explanation    Explanation (protocol/daemon-state.ts)
 * GET  /v1/events                      the state stream (protocol/daemon-state.ts)
 * GET  /v1/search?q=…                  SearchQuery (protocol/search.ts), answers SearchAnswer
 * GET  /v1/orders?tty=…               server-sent events named `show`, an Order each: what the workspace's view on
 *                                     that terminal is to show; held open for as long as it is there
 * POST /v1/show                        ShowRequest, answers ShowAnswer
 * GET  /v1/index                       IndexState
 * GET  /v1/agents[?check=true]         AgentList
 * GET  /v1/agent                       upgrade to the agent channel, for a pi that pisync did not start
 * GET  /v1/target?…                    TargetQuery, answers one SessionSummary or a refusal
 * POST /v1/launch                      LaunchRequest, answers LaunchAnswer
 * POST /v1/sessions/:id/resume         ResumeRequest, answers LaunchAnswer
 * POST /v1/sessions/:id/kill           KillRequest, answers the SessionSummary after the end
 * POST /v1/sessions/:id/rename         RenameRequest, answers SessionSummary
 * POST /v1/sessions/:id/dismiss        DismissRequest, answers SessionSummary
 * POST /v1/mute                        MuteRequest, answers Preferences (protocol/daemon-state.ts)
 *
 * Every refusal is an ErrorBody with a matching HTTP status.
 */
export const DaemonInfo = z.object({
  version: z.string(),
  protocol: Integer,
  pid: Integer,
  startedAt: Integer,
  stateDirectory: z.string(),
  socket: z.string(),
  liveSessions: Count,
});
export type DaemonInfo = z.infer<typeof DaemonInfo>;

/**
 * The one line of JSON that a daemon started with `--report` writes to its descriptor 3 before closing it.
 * `held` means that another daemon is there already, and this one has ended.
 */
export const DaemonReport = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ready") }),
  z.object({ outcome: z.literal("held") }),
  z.object({ outcome: z.literal("failed"), error: ErrorBody.shape.error }),
]);
export type DaemonReport = z.infer<typeof DaemonReport>;

/** The launcher's environment goes with each launch and is forgotten after it. */
const Environment = z.record(z.string(), z.string());

export const LaunchRequest = z.object({
  /** Made by the client, so that a repeated request is the same launch. */
  id: SessionId,
  agent: AgentName,
  /** The command line as typed, e.g. ["npx","pi","-c"]. */
  argv: z.array(z.string()).min(1).max(4096),
  cwd: z.string().min(1).max(4096),
  env: Environment,
  size: Size,
  name: z.string().trim().min(1).max(1000).optional(),
  expectsView: z.boolean(),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

export const ResumeRequest = z.object({ env: Environment, size: Size, expectsView: z.boolean() });
export type ResumeRequest = z.infer<typeof ResumeRequest>;

/**
 * `attached` means: the conversation asked for was live already, so this is the session to attach to, and
 * `notice` says so in one sentence.
 */
export const LaunchAnswer = z.object({
  outcome: z.enum(["started", "attached"]),
  session: SessionSummary,
  notice: z.string().optional(),
});
export type LaunchAnswer = z.infer<typeof LaunchAnswer>;

/**
 * Finds exactly one session. `target` is a session id, a unique prefix of one, or a conversation id or a
 * unique prefix of one. `name` is a part of a given name, or a whole title. With no such field, the only live
 * session, or with `kind` resumable the only conversation that can be resumed.
 */
export const TargetQuery = z.object({
  target: z.string().min(1).max(256).optional(),
  pid: z.coerce.number().int().positive().optional(),
  cwd: z.string().min(1).max(4096).optional(),
  session: z.string().min(1).max(256).optional(),
  name: z.string().min(1).max(1000).optional(),
  socket: z.string().min(1).max(4096).optional(),
  /**
   * Only these kinds count as candidates. `running`: live ones, and external ones where something is named. `any`: these
   * before those that have ended.
   */
  kind: z.enum(["live", "resumable", "external", "running", "any"]).default("any"),
});
export type TargetQuery = z.infer<typeof TargetQuery>;

/** Leaves a resumable session out of what its user sees until something happens in it again; `false` takes that back. */
export const DismissRequest = z.object({ dismissed: z.boolean().default(true) });
export type DismissRequest = z.infer<typeof DismissRequest>;

/** Switches notifications off, or on again: of one session, or without it of all. */
export const MuteRequest = z.object({ muted: z.boolean(), session: SessionId.optional() });
export type MuteRequest = z.infer<typeof MuteRequest>;

/** Shows a live session on a terminal that has a view already. */
export const ShowRequest = z.object({ tty: TerminalDevice, session: SessionId });
export type ShowRequest = z.infer<typeof ShowRequest>;

/** `nobody`: no view is on that terminal. */
export const ShowAnswer = z.object({ outcome: z.enum(["shown", "nobody"]) });
export type ShowAnswer = z.infer<typeof ShowAnswer>;

export const OrdersQuery = z.object({ tty: TerminalDevice });

/** What a view of the workspace is to show from now on. */
export const Order = z.object({ session: SessionId, socket: text(108), title: z.string() });
export type Order = z.infer<typeof Order>;
