import { needsMe, type SessionSummary } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import { whereOf } from "./session-facts.ts";

/** Of those that need somebody the one behind the one that is here, in the order of the list, and round. */
export function nextNeeding(
  sessions: readonly SessionSummary[],
  isHere: (session: SessionSummary) => boolean,
): SessionSummary | undefined {
  const here = sessions.findIndex(isHere);
  const others = [...sessions.slice(here + 1), ...sessions.slice(0, Math.max(here, 0))];
  return others.find(needsMe);
}

export function nothingNeeds(): PisyncError {
  return new PisyncError("no-such-target", "No session needs you.", { next: "See them all with: pisync list" });
}

/** For an external session, which only its own terminal shows. */
export function elsewhere(session: SessionSummary): PisyncError {
  return new PisyncError("external-session", `${session.title} runs in ${whereOf(session)}, without pisync.`, {
    next: "Go there.",
  });
}
