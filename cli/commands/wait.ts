import type { PisyncClient } from "../../client/pisync-client.ts";
import type { StateItem } from "../../client/follow-state.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, note, print } from "../output.ts";
import { sessionsOf, worstCode } from "../several-targets.ts";
import type { TargetFilters } from "../target.ts";
import { INTERRUPTED, lateText, waitOutcome, type WaitFor, type WaitOutcome } from "../wait-outcome.ts";

export interface WaitOptions extends TargetFilters {
  for: WaitFor;
  timeout?: string;
}

/** Longest that a timer takes. */
const MAX_TIMEOUT_S = 2_000_000;

/** Waits until each of the sessions is as wanted, has failed, or has ended. */
export async function wait(targets: readonly string[], options: WaitOptions): Promise<number> {
  const wanted = options.for;
  const timeoutMs = options.timeout === undefined ? undefined : parseTimeout(options.timeout);
  const client = await connectDaemon();
  const ids = new Set((await sessionsOf(client, targets, options, "any")).map(({ id }) => id));
  const results = await followUntil(client, ids, wanted, timeoutMs);
  for (const id of ids) if (!results.has(id)) note(`${id} ${lateText(wanted, timeoutMs ?? 0)}.`);
  return worstCode([...ids].map((id) => results.get(id) ?? EXIT.timedOut));
}

/** The exit code of each session that is done with, by id. */
async function followUntil(
  client: PisyncClient,
  ids: ReadonlySet<string>,
  wanted: WaitFor,
  timeoutMs: number | undefined,
): Promise<Map<string, number>> {
  const results = new Map<string, number>();
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const look = async (id: string, listed: SessionSummary | undefined) => {
    if (!ids.has(id) || results.has(id)) return;
    const first = waitOutcome(listed, wanted);
    const isIdle = first?.code === EXIT.done && wanted === "idle" && listed !== undefined;
    const outcome = isIdle ? await idleOutcome(client, listed, late) : first;
    if (outcome === undefined) return;
    results.set(id, outcome.code);
    print(`${id} ${plainText(outcome.text)}`);
  };
  try {
    for await (const item of client.followState({ signal: late })) {
      await lookAt(item, ids, look);
      if (results.size === ids.size) break;
    }
  } catch (error) {
    if (!late?.aborted) throw error;
  }
  return results;
}

/** Of a session that is listed as idle. */
async function idleOutcome(
  client: PisyncClient,
  session: SessionSummary,
  signal: AbortSignal | undefined,
): Promise<WaitOutcome | undefined> {
  const outcome = waitOutcome(await withoutPrompts(client, session, signal), "idle");
  return outcome?.code === EXIT.done && (await wasAborted(client, session.id)) ? INTERRUPTED : outcome;
}

/** The session once no prompt waits for it any more: between two of them it is idle for a moment. */
async function withoutPrompts(
  client: PisyncClient,
  session: SessionSummary,
  signal: AbortSignal | undefined,
): Promise<SessionSummary> {
  try {
    for (;;) {
      const [next] = (await client.prompts(session.id)).queued;
      // The list hears a moment later than the host of a run that has begun, also of one that was sent for just before.
      if (next === undefined) return { ...session, status: (await client.state(session.id)).status };
      await client.waitForPrompt(session.id, next.id, { signal });
    }
  } catch (error) {
    // Nobody can be asked: an external session, or one that ends just now.
    if (signal?.aborted || !(error instanceof PisyncError)) throw error;
    return session;
  }
}

async function lookAt(
  item: StateItem,
  ids: ReadonlySet<string>,
  look: (id: string, session: SessionSummary | undefined) => Promise<void>,
): Promise<void> {
  if (item.type === "snapshot") {
    const listed = new Map<string, SessionSummary>(item.snapshot.sessions.map((session) => [session.id, session]));
    for (const id of ids) await look(id, listed.get(id));
  }
  if (item.type !== "change") return;
  for (const session of item.change.changed) await look(session.id, session);
  for (const id of item.change.removed) await look(id, undefined);
}

/** A run that its user ended leaves the session idle: what its log says of the last run tells. */
async function wasAborted(client: PisyncClient, id: string): Promise<boolean> {
  // Of a session without a host nobody knows it.
  const history = await client.history(id, { event: ["run_end"], limit: 1 }).catch(() => undefined);
  return history?.events[0]?.data["outcome"] === "aborted";
}

function parseTimeout(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds * 1_000;
  throw new PisyncError("usage", `The value of --timeout, ${JSON.stringify(text)}, is not a number of seconds.`, {
    next: "Try: pisync wait --timeout 60",
  });
}
