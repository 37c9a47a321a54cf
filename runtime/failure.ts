import type { ErrorBody, ErrorCode } from "../protocol/errors.ts";

type Facts = NonNullable<ErrorBody["error"]["facts"]>;

export interface FailureDetails {
  /** What to do about it, in one sentence. */
  next?: string | undefined;
  /** The values behind the message, for programs: never secrets, never environment values. */
  facts?: Facts | undefined;
  cause?: unknown;
}

/** The one error class whose message is meant for the user: a stable code, what is wrong, what to do next. */
export class PisyncError extends Error {
  override readonly name = "PisyncError";
  readonly code: ErrorCode;
  readonly next?: string;
  readonly facts?: Facts;

  constructor(code: ErrorCode, message: string, details: FailureDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.next !== undefined) this.next = details.next;
    if (details.facts !== undefined) this.facts = details.facts;
  }

  /** The body of a refusal on the wire. The cause stays here. */
  toBody(): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.next === undefined ? {} : { next: this.next }),
        ...(this.facts === undefined ? {} : { facts: this.facts }),
      },
    };
  }

  static fromBody(body: ErrorBody): PisyncError {
    // By its own name, the bundler would call the class something else, and stacks would show that.
    return new this(body.error.code, body.error.message, body.error);
  }
}

/** The `code` of a system error (`ENOENT`, …), if this is one. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
