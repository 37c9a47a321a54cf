import * as z from "zod";

/**
 * HTTP API of a host, on its unix socket:
 *
 * GET  /v1/state    HostState
 * GET  /v1/events   SSE; every event is named `state` and carries a whole HostState
 * POST /v1/kill     KillRequest, answers 202 at once; the end shows in the events
 * POST /v1/rename   RenameRequest, answers HostState
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
