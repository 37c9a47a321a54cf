import { constants } from "node:os";
import type { PisyncClient } from "../client/pisync-client.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { identityOf, isAlive } from "../runtime/process-identity.ts";
import { followSession } from "./follow-session.ts";
import { ProgressLine } from "./output.ts";
import { factsOf } from "./session-facts.ts";

/** How often the line that says what is waited for is brought up to date. */
const LOOK_EVERY_MS = 500;
const INTERRUPTED = 128 + constants.signals.SIGINT;

/**
 * Waits until an external session has left its conversation: its process has ended, or has another one open. A line
 * on standard error says how it is meanwhile. Returns 130 when ctrl-c ended the waiting, else undefined.
 * @throws as PisyncClient.connect, when the daemon ended meanwhile and cannot be started again.
 */
export async function untilClosed(client: PisyncClient, external: SessionSummary): Promise<number | undefined> {
  const identity = external.pid === undefined ? undefined : await identityOf(external.pid);
  const over = new AbortController();
  const progress = new ProgressLine();
  let present: SessionSummary | undefined = external;
  // A daemon that was started meanwhile lists it a little later, so its absence alone says nothing.
  const look = async () => {
    const gone = present === undefined && !(identity !== undefined && (await isAlive(identity)));
    if (gone || movedOn(present, external)) over.abort();
    if (!over.signal.aborted) progress.show(waitingText(present));
  };
  const see = (session: SessionSummary | undefined) => {
    present = session;
    void look();
  };
  const interrupt = () => over.abort(INTERRUPTED);
  process.on("SIGINT", interrupt);
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    await followSession(client.followState({ signal: over.signal }), external.id, see);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    process.off("SIGINT", interrupt);
    progress.clear();
  }
  return over.signal.reason === INTERRUPTED ? INTERRUPTED : undefined;
}

/** It runs, and is known to have another conversation open. */
function movedOn(present: SessionSummary | undefined, { conversation }: SessionSummary): boolean {
  const held = present?.conversation?.id;
  return held !== undefined && held !== conversation?.id;
}

function waitingText(present: SessionSummary | undefined): string {
  const state = present === undefined ? "" : ` (${factsOf(present, Date.now())[0]})`;
  return `Waiting for that pi to end${state}; ctrl-c stops waiting`;
}
