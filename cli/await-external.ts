import { constants } from "node:os";
import { StateChange, StateSnapshot } from "../protocol/daemon-state.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import { openEventStream } from "../runtime/http-client.ts";
import { parseJson } from "../runtime/json-file.ts";
import { identityOf, isAlive } from "../runtime/process-identity.ts";
import { DaemonClient } from "./daemon-client.ts";
import { ProgressLine } from "./output.ts";
import { factsOf } from "./session-facts.ts";

/** How often the line that says what is waited for is brought up to date. */
const LOOK_EVERY_MS = 500;
const INTERRUPTED = 128 + constants.signals.SIGINT;

/**
 * Waits until an external session has left its conversation: its process has ended, or has another one open. A line
 * on standard error says how it is meanwhile. Returns 130 when ctrl-c ended the waiting, else undefined.
 * @throws as DaemonClient.connect, when the daemon ended meanwhile and cannot be started again.
 */
export async function untilClosed(external: SessionSummary): Promise<number | undefined> {
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
    while (!over.signal.aborted) await follow(external.id, see, over.signal);
  } finally {
    clearInterval(timer);
    process.off("SIGINT", interrupt);
    progress.clear();
  }
  return over.signal.reason === INTERRUPTED ? INTERRUPTED : undefined;
}

/** Tells of one session, as it is and whenever it is different, until the stream ends. */
async function follow(
  id: string,
  see: (session: SessionSummary | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = await DaemonClient.connect();
  const stream = await openEventStream(client.info.socket, "/v1/events", {
    signal,
    onEvent: ({ event, data }) => {
      if (event === "snapshot") {
        see(parseJson(data, StateSnapshot, "The state").sessions.find((session) => session.id === id));
      } else if (event === "change") {
        const { changed, removed } = parseJson(data, StateChange, "A change of the state");
        const session = changed.find((each) => each.id === id);
        if (session !== undefined || removed.includes(id)) see(session);
      }
    },
  }).catch((error: unknown) => {
    // A daemon that is being replaced may end just then; the next one is found or started.
    const ended = error instanceof PisyncError && error.code === "daemon-unreachable";
    if (!signal.aborted && !ended) throw error;
  });
  await stream?.ended;
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
