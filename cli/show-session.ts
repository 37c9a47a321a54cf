import { SESSION_VARIABLE } from "../protocol/session-variables.ts";
import type { SessionSummary, ViewMode } from "../protocol/session.ts";
import { loadConfig } from "../runtime/config.ts";
import { PisyncError } from "../runtime/failure.ts";
import { signalName } from "../runtime/session-words.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";
import { EXIT, note, print } from "./output.ts";
import { keyOfSetting } from "./view/keys.ts";
import { runView, type ViewEnding } from "./view/view-client.ts";

/**
 * Attaches this terminal to a live session until it is left, and returns the exit code: the child's own when
 * it exited meanwhile.
 * @param inSidebar the full-screen sidebar has given its terminal for this, and takes it back.
 * @throws PisyncError `same-session`, `not-live`, or the host's refusal.
 */
export async function showSession(session: SessionSummary, mode: ViewMode, inSidebar = false): Promise<number> {
  const { id, socket, title } = session;
  if (process.env[SESSION_VARIABLE] === id) throw sameSession(id);
  if (socket === undefined) throw ended(id);
  if (session.degraded?.reason === "other-version") throw otherVersion(session);
  const { detachKey, menuKey } = await loadConfig();
  if (mode === "read-only") note(`Read-only view of ${id}: ${detachKey}, q or ctrl-c leaves it.`);
  const ending = await runView(
    { session: id, socket, title },
    {
      mode,
      detachKey: keyOfSetting(detachKey),
      // In tmux its own keys do the same (docs/adr/0044).
      menuKey: mode === "mirror" && process.env.TMUX === undefined ? keyOfSetting(menuKey) : undefined,
    },
  );
  if (ending.kind === "detached" && inSidebar) return EXIT.done;
  if (ending.kind === "detached" && ending.to === "sessions")
    return (await import("./commands/workspace.ts")).sidebar({ from: ending.target.session });
  return reportEnding(ending, mode);
}

function reportEnding(ending: ViewEnding, mode: ViewMode): number {
  const { session } = ending.target;
  switch (ending.kind) {
    case "detached":
      print(`[detached; back with: pisync attach ${session}${mode === "read-only" ? " --read-only" : ""}]`);
      return EXIT.done;
    case "exited":
      noteViolence(session, ending);
      return ending.exitCode;
    case "lost":
      note(`pisync: The host of session ${session} died, and its program with it.`);
      noteResume(session);
      return EXIT.failed;
    case "closed":
      return EXIT.done;
    case "refused":
      throw ending.error;
  }
}

/** A program that exited by itself has said what there is to say. */
function noteViolence(session: string, { signal, cause, resumable }: Extract<ViewEnding, { kind: "exited" }>): void {
  if (cause === "killed") note(`pisync: Session ${session} was killed.`);
  else if (signal !== undefined) note(`pisync: The program of session ${session} was ended by ${signalName(signal)}.`);
  else return;
  if (resumable) noteResume(session);
}

function noteResume(session: string): void {
  note(`  Bring the conversation back with: pisync resume ${session}`);
}

function sameSession(id: string): PisyncError {
  return new PisyncError("same-session", `This terminal is inside session ${id} already.`, {
    next: "Run this in a terminal outside of it, or name another session: pisync list",
    facts: { session: id },
  });
}

function otherVersion({ id, title, hostVersion = "" }: SessionSummary): PisyncError {
  return new PisyncError(
    "host-incompatible",
    `Session ${id} (${title}) was started by pisync ${hostVersion}, which this pisync ${PACKAGE_VERSION} cannot show.`,
    {
      next: `Attach with that version, or end it with pisync kill ${id} and bring it back with pisync resume ${id}.`,
      facts: { session: id, hostVersion, version: PACKAGE_VERSION },
    },
  );
}

function ended(id: string): PisyncError {
  return new PisyncError("not-live", `Session ${id} has ended.`, { next: `Bring it back with: pisync resume ${id}` });
}
