import type { PisyncClient } from "../../client/pisync-client.ts";
import type { StateItem } from "../../client/follow-state.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, note, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";
import { WAIT_FOR, waitOutcome, worstCode, type WaitFor } from "../wait-outcome.ts";

export interface WaitOptions extends TargetFilters {
  for: string;
  timeout?: string;
}

/** Longest that a timer takes. */
const MAX_TIMEOUT_S = 2_000_000;

/** Waits until each of the sessions is as wanted, has failed, or has ended. */
export async function wait(targets: readonly string[], options: WaitOptions): Promise<number> {
  const wanted = WAIT_FOR.find((name) => name === options.for) ?? notWaitable(options.for);
  const timeoutMs = options.timeout === undefined ? undefined : parseTimeout(options.timeout);
  const client = await connectDaemon();
  const asked = targets.length === 0 ? [undefined] : targets;
  const ids = new Set<string>();
  for (const target of asked) {
    const query = targetQuery(target, options, { env: process.env, kind: "any" });
    ids.add((await client.target(query)).id);
  }
  const results = await followUntil(client, ids, wanted, timeoutMs);
  for (const id of ids) if (!results.has(id)) note(`${id} was not ${wanted} within the time.`);
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
  const look = (id: string, session: SessionSummary | undefined) => {
    const outcome = ids.has(id) && !results.has(id) ? waitOutcome(session, wanted) : undefined;
    if (outcome === undefined) return;
    results.set(id, outcome.code);
    print(`${id} ${plainText(outcome.text)}`);
  };
  try {
    for await (const item of client.followState({ signal: late })) {
      lookAt(item, ids, look);
      if (results.size === ids.size) break;
    }
  } catch (error) {
    if (!late?.aborted) throw error;
  }
  if (wanted === "idle") await seeAborted(client, results);
  return results;
}

function lookAt(
  item: StateItem,
  ids: ReadonlySet<string>,
  look: (id: string, session: SessionSummary | undefined) => void,
): void {
  if (item.type === "snapshot") {
    const listed = new Map<string, SessionSummary>(item.snapshot.sessions.map((session) => [session.id, session]));
    for (const id of ids) look(id, listed.get(id));
  }
  if (item.type !== "change") return;
  for (const session of item.change.changed) look(session.id, session);
  for (const id of item.change.removed) look(id, undefined);
}

/** A run that its user ended leaves the session idle: what its log says of the last run tells. */
async function seeAborted(client: PisyncClient, results: Map<string, number>): Promise<void> {
  for (const [id, code] of results) {
    if (code !== EXIT.done) continue;
    // Of a session without a host nobody knows it.
    const history = await client.history(id, { event: ["run_end"], limit: 1 }).catch(() => undefined);
    if (history?.events[0]?.data["outcome"] === "aborted") results.set(id, EXIT.interrupted);
  }
}

function notWaitable(name: string): never {
  throw new PisyncError("usage", `There is no waiting for ${JSON.stringify(name)}.`, {
    next: `Wait for one of: ${WAIT_FOR.join(", ")}`,
  });
}

function parseTimeout(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds * 1_000;
  throw new PisyncError("usage", `The value of --timeout, ${JSON.stringify(text)}, is not a number of seconds.`, {
    next: "Try: pisync wait --timeout 60",
  });
}
