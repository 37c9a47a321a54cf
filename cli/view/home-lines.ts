import { PisyncError } from "../../runtime/failure.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { ViewEnding, ViewTarget } from "./view-client.ts";

/** How a view left the session it showed last, or could not come back to it. */
export type Left =
  | Exclude<ViewEnding, { kind: "closed" } | { kind: "refused" }>
  | { kind: "refused"; target: ViewTarget; error: unknown };

const WELCOME = ["Choose a session in the sidebar,", "or press n there for a new pi.", "", "q closes this pane."];

/** What the workspace's view says while it shows no session. */
export function homeLines(left: Left | undefined): string[] {
  return left === undefined ? WELCOME : [...linesOf(left), "", ...WELCOME];
}

function linesOf(left: Left): string[] {
  const { title } = left.target;
  switch (left.kind) {
    case "detached":
      return [title, "goes on. Enter shows it again."];
    case "exited": {
      const how =
        left.cause === "killed"
          ? "was killed."
          : left.exitCode === 0
            ? "has ended."
            : `ended with code ${left.exitCode}.`;
      return [title, left.resumable ? `${how} Enter resumes it.` : how];
    }
    case "lost":
      return [title, "is gone: its host died. Enter resumes it."];
    case "refused": {
      const next = left.error instanceof PisyncError ? left.error.next : undefined;
      return [errorText(left.error), ...(next === undefined ? [] : [next])];
    }
  }
}
