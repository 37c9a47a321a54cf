import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { PisyncError } from "../runtime/failure.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";

export const MAX_VIEWS = 64;

export function helloMissing(): PisyncError {
  return new PisyncError("malformed", "A view says hello before anything else.", { next: "See docs/protocol.md." });
}

export function malformed(cause: unknown): PisyncError {
  return new PisyncError("malformed", "This is not a message of the view protocol.", {
    next: "See docs/protocol.md.",
    cause,
  });
}

export function tooManyViews(): PisyncError {
  return new PisyncError("too-many-views", `This session already has ${MAX_VIEWS} views.`, {
    next: "Detach one of them first.",
  });
}

export function otherProtocol(hello: { version: string; protocol: number }): PisyncError {
  return new PisyncError(
    "host-incompatible",
    `This session was started by pisync ${PACKAGE_VERSION}, which cannot show it in a view of pisync ${hello.version}.`,
    {
      next: "End it with `pisync kill` and bring it back with `pisync resume`.",
      facts: { hostProtocol: PROTOCOL_VERSION, viewProtocol: hello.protocol },
    },
  );
}
