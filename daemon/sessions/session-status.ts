import type {
  ConversationAdapter,
  ConversationTip,
  TipContext,
  TipVerdict,
} from "../../adapters/agents/conversation-adapter.ts";
import type { Ending, Status } from "../../protocol/session.ts";
import { clockTime } from "../../runtime/clock-time.ts";

/** Everything that says something about the status of one session. */
export interface StatusFacts {
  /** `live` has a host, `external` a process without one, `resumable` neither. */
  kind: "live" | "external" | "resumable";
  /** What its live host says, from the extension, the screen or the process. */
  host?: Status | undefined;
  /** What the extension of an external session reports. */
  report?: Status | undefined;
  /** The end of the conversation that it holds, or held, as far as that is known. */
  tip?: ConversationTip | undefined;
  /** How its last host ended. */
  ending?: Ending | undefined;
  /** Its agent said nothing of its runs, so its ending does not know whether it came in the middle of one. */
  silent?: boolean | undefined;
  retry: Pick<TipContext, "maxRetries" | "maxRetryDelayMs">;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The status with its reason in words a user understands; no status when nothing is known. */
export interface StatusAnswer {
  status?: Status | undefined;
  evidence: string;
  /** When it changes although nothing happens, milliseconds since the epoch. */
  changesAt?: number | undefined;
}

/**
 * One authority a status (design, Rules 1): what the extension or the screen reports, else the conversation, else
 * what became of the process. Pure.
 */
export function statusOf(facts: StatusFacts, verdict: ConversationAdapter["verdict"]): StatusAnswer {
  return facts.kind === "resumable" ? afterTheEnd(facts, verdict) : whileItRuns(facts, verdict);
}

function whileItRuns(facts: StatusFacts, verdict: ConversationAdapter["verdict"]): StatusAnswer {
  const reported = facts.host ?? facts.report;
  if (reported !== undefined) return { status: reported, evidence: reportedEvidence(reported, facts.now) };
  if (facts.tip === undefined) {
    return { evidence: "It runs, but nothing reports its status, and which conversation it holds is not known." };
  }
  return fromConversation(verdict(facts.tip, { ...facts.retry, now: facts.now, held: true }));
}

/**
 * The ending that its host wrote down counts, unless somebody went on with the conversation after it. Without the
 * process an error or an answer is over: only a run that was cut off is worth a status of its own.
 */
function afterTheEnd(
  { tip, ending, silent, retry, now }: StatusFacts,
  verdict: ConversationAdapter["verdict"],
): StatusAnswer {
  if (ending !== undefined && !(tip !== undefined && tip.at > ending.at)) {
    if (ending.interrupted) {
      const status: Status = { state: "interrupted", since: ending.at, source: "process" };
      return { status, evidence: `Its process ended at ${clockTime(ending.at, now)}, in the middle of a run.` };
    }
    const knew = ending.cause !== "host-died" && !(silent && isMidRun(tip));
    if (knew || tip === undefined) {
      const status: Status = { state: "exited", since: ending.at, source: "process", ...words(ending.error) };
      return { status, evidence: `Its process ended at ${clockTime(ending.at, now)}.` };
    }
  }
  if (tip === undefined || tip.entry === "none")
    return { evidence: "No process holds it, and nothing was said in it." };
  const answer = fromConversation(verdict(tip, { ...retry, now, held: false }));
  if (answer.status?.state === "interrupted") return answer;
  // Of a host that died the ending says when, and the conversation what pi was doing.
  const since = Math.max(tip.at, ending?.at ?? 0);
  const status: Status = { state: "exited", since, source: "jsonl" };
  return { status, evidence: `${answer.evidence} No process has the conversation open.` };
}

/** Errors are left out: what became of a retry does not show in the file. */
function isMidRun(tip: ConversationTip | undefined): boolean {
  return tip?.entry === "user" || tip?.entry === "tool-use" || tip?.entry === "tool-result";
}

function fromConversation({ state, since, error, evidence, changesAt }: TipVerdict): StatusAnswer {
  const status: Status = { state, since, source: "jsonl", ...words(error?.slice(0, 2_000)) };
  return { status, evidence, ...(changesAt === undefined ? {} : { changesAt }) };
}

function words(error: string | undefined): Pick<Status, "error"> {
  return error ? { error } : {};
}

const WORDS: Record<Status["state"], string> = {
  starting: "is starting",
  working: "is at work",
  waiting: "waits for an answer to a dialog",
  idle: "waits for a message",
  error: "ended its last run with an error",
  interrupted: "was cut off in the middle of a run",
  exited: "has ended",
};

function reportedEvidence({ source, state, since, unseen }: Status, now: number): string {
  const who = {
    extension: "The pisync extension inside pi says",
    screen: "pi tells its terminal",
    process: "Its process shows",
    jsonl: "Its conversation shows",
  }[source];
  const seen = unseen ? " Nobody has looked at it since." : "";
  return `${who}, since ${clockTime(since, now)}, that it ${WORDS[state]}.${seen}`;
}
