import { constants } from "node:os";
import { StateChange, StateSnapshot } from "../protocol/daemon-state.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { openEventStream } from "../runtime/http-client.ts";
import { parseJson } from "../runtime/json-file.ts";
import { DaemonClient } from "./daemon-client.ts";
import { ProgressLine } from "./output.ts";
import { factsOf } from "./session-facts.ts";

/**
 * Waits until no external session has that conversation, with a line on standard error that says how it is.
 * Returns 130 when ctrl-c ended the waiting, else undefined.
 * @throws as DaemonClient.connect, when the daemon ended meanwhile and cannot be started again.
 */
export async function untilClosed(external: SessionSummary): Promise<number | undefined> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  process.on("SIGINT", leave);
  const progress = new ProgressLine();
  try {
    const holders = new Map([[external.id, external]]);
    while (!leaving.signal.aborted && holders.size > 0) await follow(holders, external, leaving.signal, progress);
  } finally {
    progress.clear();
    process.off("SIGINT", leave);
  }
  return leaving.signal.aborted ? 128 + constants.signals.SIGINT : undefined;
}

/** Keeps `holders` up to date until it is empty, the stream ends, or the waiting is given up. */
async function follow(
  holders: Map<string, SessionSummary>,
  external: SessionSummary,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<void> {
  const client = await DaemonClient.connect();
  const closed = new AbortController();
  const see = (sessions: readonly SessionSummary[]) => {
    for (const session of sessions) {
      if (holds(session, external)) holders.set(session.id, session);
      else holders.delete(session.id);
    }
    const [holder] = holders.values();
    if (holder === undefined) closed.abort();
    else progress.show(`Waiting for that pi to end (${factsOf(holder, Date.now())[0]}); ctrl-c stops waiting`);
  };
  const over = AbortSignal.any([signal, closed.signal]);
  const stream = await openEventStream(client.info.socket, "/v1/events", {
    signal: over,
    onEvent: ({ event, data }) => {
      if (event === "snapshot") {
        holders.clear();
        see(parseJson(data, StateSnapshot, "The state").sessions);
      } else if (event === "change") {
        const { changed, removed } = parseJson(data, StateChange, "A change of the state");
        for (const id of removed) holders.delete(id);
        see(changed);
      }
    },
  }).catch((error: unknown) => {
    if (!over.aborted) throw error;
  });
  await stream?.ended;
}

/** Whether it is that pi, in that conversation. */
function holds({ id, kind, conversation }: SessionSummary, external: SessionSummary): boolean {
  if (kind !== "external") return false;
  return external.conversation === undefined ? id === external.id : conversation?.id === external.conversation.id;
}
