import type { ErrorCode } from "../protocol/errors.ts";
import { PisyncError } from "./failure.ts";

export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** What the other side is told of anything thrown: of a failure that is ours, nothing but that. */
export function asRefusal(error: unknown): PisyncError {
  if (error instanceof PisyncError) return error;
  return new PisyncError("internal", "pisync failed at this request.", { next: "See: pisync daemon logs" });
}

export function noSuchRoute(method: string, path: string): PisyncError {
  return new PisyncError("not-found", `There is no ${method} ${path} here.`, { next: "See docs/protocol.md." });
}

export function bodyTooLarge(maxBytes: number): PisyncError {
  return new PisyncError("too-large", `The request is larger than ${maxBytes} bytes.`);
}

/** For programs that look no further than the status; the code in the body says exactly. */
export function httpStatus(code: ErrorCode): number {
  switch (code) {
    case "malformed":
    case "usage":
    case "config-invalid":
    case "not-an-image":
    case "bad-answer":
      return 400;
    case "not-found":
    case "no-such-target":
    case "no-live-session":
    case "no-such-prompt":
    case "no-such-question":
      return 404;
    case "too-large":
      return 413;
    case "too-many-views":
    case "queue-full":
      return 429;
    case "internal":
      return 500;
    case "daemon-unreachable":
    case "host-unreachable":
      return 502;
    case "timed-out":
      return 504;
    case "ambiguous-target":
    case "not-live":
    case "already-live":
    case "same-session":
    case "conversation-held":
    case "conversation-external":
    case "external-session":
    case "store-newer":
    case "store-unavailable":
    case "nothing-to-resume":
    case "program-not-found":
    case "cwd-missing":
    case "launch-failed":
    case "not-a-terminal":
    case "unsafe-directory":
    case "foreign-file":
    case "state-not-writable":
    case "daemon-newer":
    case "host-incompatible":
    case "host-died":
    case "no-extension":
    case "busy":
    case "prompt-differs":
    case "prompt-ended":
    case "question-answered":
      return 409;
  }
}
