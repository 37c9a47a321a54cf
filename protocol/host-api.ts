import * as z from "zod";
import { SessionId } from "./ids.ts";
import { Conversation, TerminalDevice } from "./session.ts";
import { Count, Instant, text } from "./values.ts";

/**
 * HTTP API of a host, on its unix socket:
 *
 * GET  /v1/state    HostState
 * GET  /v1/screen   ScreenQuery, answers ScreenText
 * GET  /v1/events   SSE; every event is named `state` and carries a whole HostState
 * POST /v1/kill     KillRequest, answers 202 at once; the end shows in the events
 * POST /v1/rename   RenameRequest, answers HostState
 * POST /v1/attribution   AttributionRequest, answers HostState
 * POST /v1/looked   LookedRequest, answers 202
 * POST /v1/views/notice   NoticeRequest, answers 202
 * POST /v1/views/switch   SwitchRequest, answers Switched
 * GET  /v1/view     WebSocket, protocol/view.ts
 * GET  /v1/agent    upgrade to `pisync-agent`, protocol/agent-channel.ts
 */
export const KillRequest = z.object({
  /** Milliseconds between SIGTERM and SIGKILL to the child's process group. */
  graceMs: z.number().int().min(0).max(60_000).default(3_000),
});
export type KillRequest = z.infer<typeof KillRequest>;

export const RenameRequest = z.object({ name: z.string().trim().min(1).max(1000) });
export type RenameRequest = z.infer<typeof RenameRequest>;

/**
 * What the daemon found out by comparison about an agent that does not say itself which conversation it has open. The
 * host then holds that conversation's lease; it refuses with `conversation-held` when another session does.
 */
export const AttributionRequest = z.object({
  conversation: Conversation,
  evidence: z.enum(["content", "only-candidate"]),
});
export type AttributionRequest = z.infer<typeof AttributionRequest>;

/**
 * What the daemon found out about who looks, which a host cannot know of a terminal: whether the end of the run at `since`
 * came in front of anybody, or has anybody in front of it now.
 */
export const LookedRequest = z.object({
  /** Of the host's status, which is idle or error. */
  since: Instant,
  looked: z.boolean(),
});
export type LookedRequest = z.infer<typeof LookedRequest>;

/** Sends the views on one terminal to another session's host. */
export const SwitchRequest = z.object({ tty: TerminalDevice, session: SessionId, socket: text(108) });
export type SwitchRequest = z.infer<typeof SwitchRequest>;

/** Shows a notice in the views on these terminals. */
export const NoticeRequest = z.object({ ttys: z.array(TerminalDevice).max(64), text: text(500) });
export type NoticeRequest = z.infer<typeof NoticeRequest>;

/** How many views were sent there: none when no view is on that terminal. */
export const Switched = z.object({ views: Count });
export type Switched = z.infer<typeof Switched>;

/** The screen's text is asked for so that a conversation can be told by it: its end is what counts. */
export const MAX_SCREEN_BYTES = 256 * 1024;

export const ScreenQuery = z.object({
  /** Lines above the viewport that are wanted too. */
  scrollback: z.coerce.number().int().min(0).max(10_000).default(0),
});
export type ScreenQuery = z.infer<typeof ScreenQuery>;

/** Untrusted text of the child, one line a row, without colours; at most MAX_SCREEN_BYTES of UTF-8, the last ones. */
export const ScreenText = z.object({ text: z.string() });
export type ScreenText = z.infer<typeof ScreenText>;
