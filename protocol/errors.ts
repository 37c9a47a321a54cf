import * as z from "zod";

/** Every refusal has one of these stable codes; `docs/cli.md` maps them to exit codes. */
export const ErrorCode = z.enum([
  "usage",
  "malformed",
  "too-large",
  "no-such-target",
  "ambiguous-target",
  "no-live-session",
  "not-live",
  "already-live",
  "same-session",
  "conversation-held",
  "conversation-external",
  "external-session",
  "store-newer",
  "store-unavailable",
  "nothing-to-resume",
  "program-not-found",
  "cwd-missing",
  "launch-failed",
  "not-a-terminal",
  "unsafe-directory",
  "state-not-writable",
  "config-invalid",
  "foreign-file",
  "daemon-unreachable",
  "daemon-newer",
  "host-unreachable",
  "host-incompatible",
  "host-died",
  "too-many-views",
  "timed-out",
  "no-extension",
  "busy",
  "queue-full",
  "no-such-prompt",
  "prompt-differs",
  "prompt-ended",
  "not-an-image",
  "no-such-question",
  "question-answered",
  "bad-answer",
  "not-found",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/**
 * The body of every refusal. `message` says what is wrong in one sentence, followed on lines of their own by
 * what it is about when that is several things. `next` says what to do about it, `facts` carries the values behind it
 * for programs (never secrets, never environment values).
 */
export const ErrorBody = z.object({
  error: z.object({
    code: ErrorCode,
    message: z.string(),
    next: z.string().optional(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;
