import * as z from "zod";
import { Generation, ProcessIdentity, SessionId } from "./ids.ts";
import { Count, Instant, Integer, Mark, Positive, text } from "./values.ts";

export const AgentName = z.enum(["pi", "command"]);
export type AgentName = z.infer<typeof AgentName>;

export const StatusState = z.enum(["starting", "working", "waiting", "idle", "error", "interrupted", "exited"]);
export type StatusState = z.infer<typeof StatusState>;

/** Who said it: the extension inside pi, the process itself (started, exited, died), or the screen stream. */
export const StatusSource = z.enum(["extension", "process", "screen", "jsonl"]);
export type StatusSource = z.infer<typeof StatusSource>;

export const Status = z.object({
  state: StatusState,
  since: Instant,
  source: StatusSource,
  /** The run before it ended while no interactive view was attached, and none has been since. */
  unseen: z.boolean().optional(),
  /** Of `error`: the agent's own words. Of a program that failed: the last line that it showed. Untrusted. */
  error: text(2000).optional(),
});
export type Status = z.infer<typeof Status>;

/** pi's JSONL thread, known by its header id. `path` is absent for an ephemeral one and may not exist yet. */
export const Conversation = z.object({ id: z.string().min(1).max(256), path: text(4096).optional() });
export type Conversation = z.infer<typeof Conversation>;

export const AttributionEvidence = z.enum(["extension", "content", "only-candidate", "launch"]);
export const Attribution = z.object({ evidence: AttributionEvidence });
export type Attribution = z.infer<typeof Attribution>;

/** How the last host of a session ended. `exitCode` is the child's; a child killed by a signal has `signal`. */
export const Ending = z.object({
  at: Instant,
  cause: z.enum(["exited", "killed", "host-died", "launch-failed"]),
  exitCode: Integer.optional(),
  signal: Integer.optional(),
  /** True when the end came in the middle of a run. */
  interrupted: z.boolean(),
  /** The last line that it showed, when it exited with another code than 0. Untrusted. */
  error: text(2000).optional(),
});
export type Ending = z.infer<typeof Ending>;

/** Where a session's live host is. Present in a session record exactly while the host holds it. */
export const HostAddress = z.object({
  process: ProcessIdentity,
  /** The agent itself; absent when it had ended before it could be looked at. */
  child: ProcessIdentity.optional(),
  socket: text(108),
  version: text(64),
  protocol: Integer,
});
export type HostAddress = z.infer<typeof HostAddress>;

/**
 * Why facts are missing: those of the extension although the agent is pi, or with `other-version` those of a host that
 * speaks another protocol.
 */
export const Degraded = z.object({
  reason: z.enum(["switched-off", "not-injected", "not-connected", "unsupported-version", "other-version"]),
  detail: text(500),
});
export type Degraded = z.infer<typeof Degraded>;

export const TitleSource = z.enum(["name", "first-message", "command"]);

/**
 * `sessions/<id>/session.json`: what is durable about a session. Written by its live host, and by the
 * daemon only while no host holds it. Never holds environment values.
 */
export const SessionRecord = z.object({
  schemaVersion: z.literal(1),
  id: SessionId,
  agent: AgentName,
  generation: Generation,
  /** As typed by the user, before anything was injected. */
  argv: z.array(z.string()).min(1).max(4096),
  cwd: z.string().min(1).max(4096),
  /** The name its user gave the session (`pisync rename`, pi's /name). */
  name: text(1000).optional(),
  /** The name was given while pi could not be told; it is told as soon as it can be. */
  namePending: Mark,
  firstMessage: text(1000).optional(),
  conversation: Conversation.optional(),
  attribution: Attribution.optional(),
  createdAt: Instant,
  updatedAt: Instant,
  host: HostAddress.optional(),
  ending: Ending.optional(),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

/** A terminal's device, e.g. /dev/pts/3. */
export const TerminalDevice = text(256);

export const ViewMode = z.enum(["mirror", "read-only"]);
export type ViewMode = z.infer<typeof ViewMode>;

/** Terminal size in cells. Larger requests are clamped to these limits, never refused. */
export const Size = z.object({ cols: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(500) });
export type Size = z.infer<typeof Size>;

/** What a live host says about itself: the authority on all of it. */
export const HostState = z.object({
  record: SessionRecord,
  status: Status.optional(),
  /** A run goes on, also while a dialog waits in it: an end now would interrupt it. */
  running: Mark,
  degraded: Degraded.optional(),
  views: z.array(
    z.object({
      mode: ViewMode,
      size: Size,
      tty: TerminalDevice.optional(),
      /** The socket of the tmux server that the terminal is a pane of. */
      tmux: z.string().optional(),
    }),
  ),
  size: Size,
});
export type HostState = z.infer<typeof HostState>;

export const SessionKind = z.enum(["live", "resumable", "external"]);

/** Where a program that pisync did not start can be found by its user. */
export const ExternalTerminal = z.object({
  tty: TerminalDevice,
  /** The tmux pane that shows it: the server's socket and the pane's id, e.g. %7. */
  tmux: z.object({ socket: text(4096), pane: text(32) }).optional(),
  /** The pisync session that the program was started in, by hand: its screen shows it. */
  session: SessionId.optional(),
});
export type ExternalTerminal = z.infer<typeof ExternalTerminal>;

/** One entry of `pisync list --json`; absent facts are absent fields. */
export const SessionSummary = z.object({
  id: SessionId,
  kind: SessionKind,
  agent: AgentName,
  title: z.string(),
  titleSource: TitleSource,
  cwd: z.string(),
  status: Status.optional(),
  degraded: Degraded.optional(),
  conversation: Conversation.optional(),
  attribution: Attribution.optional(),
  ending: Ending.optional(),
  /** The child (pi itself), not the host. */
  pid: Positive.optional(),
  socket: z.string().optional(),
  hostVersion: z.string().optional(),
  /** Absent when pisync never started it: an external session, or a conversation found on disk. */
  generation: Generation.optional(),
  /** Of an external session. */
  terminal: ExternalTerminal.optional(),
  /** The id of the conversation this one was forked from. */
  parent: z.string().optional(),
  /** Messages of user and agent in the conversation. */
  messages: Count.optional(),
  views: Count,
  /** The terminals that show it, as far as its views said. */
  shownOn: z.array(TerminalDevice).optional(),
  /** Its user wants no notifications of it. */
  muted: Mark,
  /** Resumable, and its user does not want to see it: nothing has happened in it since they said so. */
  dismissed: Mark,
  createdAt: Instant,
  updatedAt: Instant,
});
export type SessionSummary = z.infer<typeof SessionSummary>;

/** Whether its user should look: it asks something, failed, or finished unseen. */
export function needsMe({ kind, status }: SessionSummary): boolean {
  if (status === undefined || kind === "resumable") return false;
  return status.state === "waiting" || status.state === "error" || status.unseen === true;
}

export const SessionList = z.object({
  schemaVersion: z.literal(1),
  sessions: z.array(SessionSummary),
  /** Present while conversations are still being read for the first time, so that the list is not complete. */
  scanning: z.object({ scanned: Integer, found: Integer }).optional(),
});
export type SessionList = z.infer<typeof SessionList>;
