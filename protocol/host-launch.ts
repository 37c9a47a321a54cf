import * as z from "zod";
import { ErrorBody } from "./errors.ts";
import { Generation, SessionId } from "./ids.ts";
import { AgentName, Conversation, Degraded, SessionRecord, Size } from "./session.ts";
import { text } from "./values.ts";

/**
 * What the daemon writes to a new host's standard input, then ends it. The environment travels here and
 * nowhere else: it is never written to a file.
 */
export const HostLaunch = z.object({
  id: SessionId,
  generation: Generation,
  agent: AgentName,
  /** As typed: stored in the record. */
  argv: z.array(z.string()).min(1),
  /** What is really run: `file` is absolute, `args` exclude argv[0]. */
  file: z.string().min(1),
  args: z.array(z.string()),
  cwd: z.string().min(1),
  env: z.record(z.string(), z.string()),
  size: Size,
  name: text(1000).optional(),
  /** The record of the generation before, when this is a resume. */
  previous: SessionRecord.optional(),
  /**
   * Keys this launch must hold before the child starts (`id:<header id>`, `path:<real path>`): one writer
   * per conversation.
   */
  conversationKeys: z.array(text(4200)).max(4),
  conversation: Conversation.optional(),
  /** True when the extension was injected and its silence is worth saying. */
  expectsExtension: z.boolean(),
  /** Known from the start, e.g. switched off by the user. */
  degraded: Degraded.optional(),
  /** The launcher attaches: keep the last screen for it even if the child exits at once. */
  expectsView: z.boolean(),
});
export type HostLaunch = z.infer<typeof HostLaunch>;

/**
 * The one line of JSON that a new host writes to its descriptor 3 before closing it. An empty line comes first, when
 * it has read its launch: a host that ends before has started nothing.
 */
export const HostReport = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ready"), record: SessionRecord }),
  z.object({
    outcome: z.literal("held"),
    key: z.string(),
    holder: z.object({ session: SessionId, socket: z.string() }),
  }),
  z.object({ outcome: z.literal("failed"), error: ErrorBody.shape.error }),
]);
export type HostReport = z.infer<typeof HostReport>;
