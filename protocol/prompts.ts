import * as z from "zod";
import { Count, Instant, Integer, Mark, Positive, text } from "./values.ts";

/**
 * Prompts that a program sends to a session, on the host's socket, and below `/v1/sessions/:id` on the daemon's:
 *
 * GET    /v1/prompts       PromptList
 * POST   /v1/prompts       PromptRequest, answers PromptRecord
 * GET    /v1/prompts/:id   PromptQuery, answers PromptRecord, or refuses with `no-such-prompt`
 * DELETE /v1/prompts/:id   answers the cancelled PromptRecord, or refuses with `prompt-ended`, `no-such-prompt`
 * POST   /v1/abort         answers Aborted
 *
 * An accepted prompt is on disk before the answer leaves. It has exactly one end: delivered, cancelled or failed.
 */
export const PromptId = z.string().regex(/^[\w-]{1,64}$/, "is not a prompt's id: letters, digits, _ and -");
export type PromptId = z.infer<typeof PromptId>;

/** More than the context of any model that pi knows would take; a longer one is refused with `too-large`. */
export const MAX_PROMPT_BYTES = 1024 * 1024;
export const MAX_IMAGES = 8;
/** Of one image, before it is encoded. */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** Of a whole request. */
export const MAX_PROMPT_REQUEST_BYTES = 16 * 1024 * 1024;
/** Of prompts that wait. */
export const MAX_WAITING_PROMPTS = 100;
/** Of prompts that have ended and are still known, by id. */
export const MAX_ENDED_PROMPTS = 200;

export const ImageType = z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]);
export type ImageType = z.infer<typeof ImageType>;

export const PromptImage = z.object({ mimeType: ImageType, data: z.base64() });
export type PromptImage = z.infer<typeof PromptImage>;

/**
 * `auto`: as typed with Enter, which starts a run, or steers the one that goes on. `steer` is the same in words.
 * `followUp`: after the run. `now`: starts a run at once, or is refused with `busy`.
 */
export const DeliverAs = z.enum(["auto", "steer", "followUp", "now"]);
export type DeliverAs = z.infer<typeof DeliverAs>;

export const PromptRequest = z.object({
  /** The client's, so that a repeated request is the same prompt; one is made without it. */
  id: PromptId.optional(),
  text: z.string(),
  images: z.array(PromptImage).max(MAX_IMAGES).default([]),
  deliverAs: DeliverAs.default("auto"),
});
export type PromptRequest = z.infer<typeof PromptRequest>;

/** `queued` until pi has it; then whether it started a run or steers one. */
export const Disposition = z.enum(["started", "steered", "queued"]);
export type Disposition = z.infer<typeof Disposition>;

export const PromptOutcome = z.enum(["delivered", "cancelled", "failed"]);
export type PromptOutcome = z.infer<typeof PromptOutcome>;

/** `handed`: pi has it and has not said yet that it is in the conversation. */
export const PromptState = z.enum(["queued", "handed", ...PromptOutcome.options]);
export type PromptState = z.infer<typeof PromptState>;

export const PromptRecord = z.object({
  id: PromptId,
  /** The beginning of it: at most 500 characters. */
  text: z.string(),
  images: Count,
  deliverAs: DeliverAs,
  disposition: Disposition,
  state: PromptState,
  acceptedAt: Instant,
  endedAt: Instant.optional(),
  /** Of the run that it began or came into; absent when there was none, as of a command. */
  run: z.enum(["going", "done", "aborted", "error"]).optional(),
  /** Why it was cancelled or failed, in one sentence. */
  reason: text(500).optional(),
});
export type PromptRecord = z.infer<typeof PromptRecord>;

/** The longest that one request waits; ask again for more. */
export const MAX_WAIT_MS = 8_000;

export const PromptQuery = z.object({
  /** Answer only when the prompt, and its run, are over, or after this time in milliseconds. */
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0),
});
export type PromptQuery = z.infer<typeof PromptQuery>;

/** Those that wait, in the order in which they are handed to pi, and those that ended last, the newest first. */
export const PromptList = z.object({ queued: z.array(PromptRecord), recent: z.array(PromptRecord) });
export type PromptList = z.infer<typeof PromptList>;

/** `sessions/<id>/prompts/<prompt id>.json`: one prompt, replaced at each change of its state. */
export const StoredPrompt = PromptRecord.extend({
  schemaVersion: z.literal(1),
  /** Counts the prompts of the session. */
  number: Positive,
  /** Of the request: tells a repeated one from another with the same id. */
  digest: z.string(),
  /** Whole until the end. */
  text: z.string(),
  content: z.array(PromptImage),
  /** The conversation that was open; absent when none was known yet. */
  conversation: z.string().optional(),
  /** When pi was first given it. */
  handedAt: Instant.optional(),
  /** Delivered into a conversation that pi has not written yet: `text` and `content` are whole still. */
  unsaved: Mark,
});
export type StoredPrompt = z.infer<typeof StoredPrompt>;

/** `running`: there was a run to end. */
export const Aborted = z.object({ running: z.boolean() });
export type Aborted = z.infer<typeof Aborted>;

/** Of the agent channel, upwards. */
export const PromptReports = [
  z.object({ type: z.literal("prompt-handed"), id: PromptId, disposition: Disposition }),
  z.object({
    type: z.literal("prompt-ended"),
    id: PromptId,
    outcome: PromptOutcome,
    reason: text(500).optional(),
    /** Delivered, and lost if pi is killed before it says `prompts-saved`. */
    unsaved: Mark,
  }),
  /** What was delivered until now is in the file of the conversation. */
  z.object({ type: z.literal("prompts-saved") }),
  z.object({ type: z.literal("aborted"), request: Integer, running: z.boolean() }),
] as const;

/** Of the agent channel, downwards. */
export const PromptCommands = [
  z.object({
    type: z.literal("prompt"),
    id: PromptId,
    /** The StoredPrompt: text and images. */
    file: z.string(),
    /** It was given to a pi before, at this time: it may be in the conversation already. */
    handedAt: Instant.optional(),
  }),
  z.object({ type: z.literal("abort"), request: Integer }),
] as const;
