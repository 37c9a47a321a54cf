import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { errorText } from "../../runtime/sanitise.ts";
import type { ViewEnding, ViewTarget } from "./view-client.ts";

/** How a view left the session it showed last, or could not come back to it. */
export type Left =
  | Exclude<ViewEnding, { kind: "closed" } | { kind: "refused" }>
  | { kind: "refused"; target: ViewTarget; error: unknown };

const WELCOME = [
  "Choose a session in the sidebar,",
  "or press n there for a new pi.",
  "No sidebar? s shows it.",
  "",
  "q closes this pane.",
];

/** What the workspace's view says while it shows no session. */
export function homeLines(left: Left | undefined): string[] {
  return left === undefined ? WELCOME : [...linesOf(left), "", ...WELCOME];
}

/** What there is to say once the daemon has told how the session is. */
export function leftNow(left: Left, { kind, socket, title, ending, conversation }: SessionSummary): Left {
  const target = { ...left.target, title };
  if (kind === "live" && socket !== undefined) {
    // That the host it was left with has gone may not have come round yet.
    const isAsLeft = socket === target.socket && left.kind !== "detached";
    return isAsLeft ? { ...left, target } : { kind: "detached", to: "shell", target: { ...target, socket } };
  }
  if (kind !== "resumable" || ending === undefined || left.kind === "refused") return { ...left, target };
  if (ending.cause === "host-died") return { kind: "lost", resumable: conversation !== undefined, target };
  const resumable = left.kind === "exited" ? left.resumable : conversation !== undefined;
  const cause = ending.cause === "killed" ? "killed" : "exited";
  return { kind: "exited", cause, exitCode: ending.exitCode ?? 0, resumable, target };
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
      return [title, left.resumable ? "is gone: its host died. Enter resumes it." : "is gone: its host died."];
    case "refused": {
      const next = left.error instanceof PisyncError ? left.error.next : undefined;
      return [errorText(left.error), ...(next === undefined ? [] : [next])];
    }
  }
}
