import { clockTime } from "../../../runtime/clock-time.ts";
import type { ConversationTip, TipContext, TipVerdict } from "../conversation-adapter.ts";
import { compactsAndRetries, mayBeRetried } from "./retried-errors.ts";

/** How long after an error pi's mark that it retries it may take, in milliseconds. It takes 1 to 55 (docs/pi.md). */
const MARK_MS = 500;
/** How long a retried request may take until its answer is written, which is when it is complete, in milliseconds. */
const ANSWER_MS = 120_000;

/** The status that the end of a pi conversation shows: contract 19, and docs/pi.md for what was measured. */
export function verdict(tip: ConversationTip, context: TipContext): TipVerdict {
  const time = clockTime(tip.at, context.now);
  switch (tip.entry) {
    case "none":
      return { state: "idle", since: tip.at, evidence: "Nothing was said in the conversation yet." };
    case "stopped":
      return { state: "idle", since: tip.at, evidence: `The last entry is pi's finished answer of ${time}.` };
    case "aborted":
      return { state: "idle", since: tip.at, evidence: `The last entry says that the run was ended at ${time}.` };
    case "user":
      return midRun(tip, context, `The last entry is a message to pi of ${time}`);
    case "tool-use":
      return midRun(tip, context, `The last entry is a tool call of ${time}, without its result`);
    case "tool-result":
      return midRun(tip, context, `The last entry is a tool's result of ${time}, which pi has not answered`);
    case "error":
      return afterError(tip, context, `The last entry is an error of ${time}`);
  }
}

function midRun(tip: ConversationTip, { held }: TipContext, entry: string): TipVerdict {
  return held
    ? { state: "working", since: tip.runAt, evidence: `${entry}, and a process has the conversation open.` }
    : { state: "interrupted", since: tip.at, evidence: `${entry}, and no process has the conversation open.` };
}

function afterError(tip: ConversationTip, context: TipContext, entry: string): TipVerdict {
  if (tip.retried) return whileRetrying(tip, context, `${entry} that pi set out to retry`);
  if (context.held && !hasPassed(tip, MARK_MS, context)) {
    return { ...midRun(tip, context, entry), changesAt: tip.at + MARK_MS };
  }
  const final = whyFinal(tip, context);
  const retrying = whileRetrying(tip, context, `${entry} that pi may be retrying`);
  if (final === undefined && retrying.state !== "idle") return retrying;
  const evidence = `${entry}${final ?? ", and nothing came after it"}.`;
  return { state: "error", since: tip.at, error: tip.error, evidence };
}

/** Why an error that is not marked as retried is the end of its run; undefined when the file does not tell. */
function whyFinal(tip: ConversationTip, { maxRetries }: TipContext): string | undefined {
  const error = tip.error ?? "";
  if (tip.marksRetries) return ", and pi has not set out to retry it";
  if (tip.errors > maxRetries) return ` after ${maxRetries} retries`;
  const again = compactsAndRetries(error) ? tip.errors === 1 : mayBeRetried(error);
  return again ? undefined : " of a kind that pi does not retry";
}

/**
 * The wait for a retry, and the retry itself, write nothing until they are over. Neither does their user's Esc during
 * the wait: it leaves the same file, which is why a retry that has taken too long counts as ended by its user.
 */
function whileRetrying(tip: ConversationTip, context: TipContext, entry: string): TipVerdict {
  if (!context.held) return midRun(tip, context, entry);
  const patience = context.maxRetryDelayMs + ANSWER_MS;
  if (!hasPassed(tip, patience, context)) return { ...midRun(tip, context, entry), changesAt: tip.at + patience };
  return { state: "idle", since: tip.at, evidence: `${entry}, and nothing came after it: the retry was cancelled.` };
}

/** Also when the clock was set back: nothing may last until it has caught up. */
function hasPassed(tip: ConversationTip, milliseconds: number, { now }: TipContext): boolean {
  return Math.abs(now - tip.at) >= milliseconds;
}
