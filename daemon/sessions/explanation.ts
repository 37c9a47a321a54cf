import type { ExplainedFact, Explanation } from "../../protocol/daemon-state.ts";
import type { Ending, ExternalTerminal, SessionSummary, Status } from "../../protocol/session.ts";
import { SCHEMA_VERSION } from "../../protocol/version.ts";
import { clockTime } from "../../runtime/clock-time.ts";
import { placeOf } from "../../runtime/terminal-place.ts";
import type { KnownSession } from "./known-session.ts";
import { titleFactsOf } from "./session-summary.ts";

const EXTENSION = "the pisync extension inside pi";
const FILE = "the conversation's file";
const PISYNC = "pisync";

const STATUS_SOURCES: Record<Status["source"], string> = {
  extension: EXTENSION,
  screen: "the screen",
  jsonl: FILE,
  process: "the process",
};

/** What is said of a session and how it is known, in words a user understands. Pure. */
export function explain(known: KnownSession, session: SessionSummary, now: number): Explanation {
  const facts = [
    kindFact(known, session),
    statusFact(known, session),
    titleFact(known, session),
    conversationFact(known, session, now),
    attributionFact(known),
    processFact(known, session),
    terminalFact(known),
  ];
  return { schemaVersion: SCHEMA_VERSION, session, facts: facts.filter((fact) => fact !== undefined) };
}

function kindFact({ entry, external }: KnownSession, { kind }: SessionSummary): ExplainedFact {
  const fact = { fact: "kind", value: kind, source: PISYNC } as const;
  if (external !== undefined) {
    return { ...fact, evidence: "The process is a pi that pisync did not start.", at: external.startedAt };
  }
  if (kind === "live") return { ...fact, evidence: "Its host runs: it goes on when every terminal is closed." };
  const ending = entry?.record.ending;
  if (ending !== undefined) return { ...fact, evidence: `${endingText(ending)} Nothing holds it now.`, at: ending.at };
  return { ...fact, evidence: "The conversation was found on disk; pisync has not launched it yet." };
}

function endingText({ cause, exitCode, signal }: Ending): string {
  switch (cause) {
    case "exited":
      return signal ? `Its program was ended by signal ${signal}.` : `Its program exited with code ${exitCode ?? 0}.`;
    case "killed":
      return "It was killed.";
    case "host-died":
      return "Its host died.";
    case "launch-failed":
      return "It never started.";
  }
}

function statusFact({ status, state }: KnownSession, session: SessionSummary): ExplainedFact {
  const evidence = [status.evidence, state?.degraded?.detail].filter((text) => text !== undefined).join(" ");
  const shown = session.status;
  if (shown === undefined) return { fact: "status", value: "not known", source: PISYNC, evidence };
  const value = [shown.state, shown.unseen ? "unseen" : undefined, shown.error].filter((text) => text !== undefined);
  return {
    fact: "status",
    value: value.join(", "),
    source: STATUS_SOURCES[shown.source],
    evidence,
    at: shown.since,
  };
}

const TITLE_TELLERS = {
  extension: { source: EXTENSION, where: "in the pi that runs" },
  record: { source: PISYNC, where: "as pisync last heard of it" },
  file: { source: FILE, where: "in the file" },
} as const;

function titleFact(known: KnownSession, { title, titleSource }: SessionSummary): ExplainedFact {
  const fact = { fact: "title", value: title } as const;
  if (titleSource === "command") {
    return { ...fact, source: PISYNC, evidence: "No name and no first message is known: it is what was run." };
  }
  const field = titleSource === "name" ? "name" : "firstMessage";
  const told = titleFactsOf(known).find((facts) => facts[field] !== undefined);
  const { source, where } = TITLE_TELLERS[told?.who ?? "record"];
  if (titleSource === "first-message") {
    return { ...fact, source, evidence: `It has no name; this is the first message, ${where}.` };
  }
  if (known.entry?.record.namePending) {
    return { ...fact, source: "its user", evidence: "It was named with pisync, and pi is told as soon as it can be." };
  }
  return { ...fact, source, evidence: `The name that its user gave it, ${where}.` };
}

function conversationFact(
  { held, indexed, kind }: KnownSession,
  { agent, parent }: SessionSummary,
  now: number,
): ExplainedFact | undefined {
  if (agent !== "pi") return undefined;
  const fact = { fact: "conversation" } as const;
  if (held === undefined) {
    return kind === "resumable"
      ? { ...fact, value: "none", source: PISYNC, evidence: "It left no conversation that could be resumed." }
      : { ...fact, value: "not known", source: PISYNC, evidence: "Nothing says which conversation it has open." };
  }
  const { id, path } = held.conversation;
  const value = path === undefined ? id : `${id} in ${path}`;
  if (indexed === undefined) {
    const evidence =
      path === undefined
        ? "It is not kept in a file."
        : "pisync has not read its file: pi creates it with the first message.";
    return { ...fact, value, source: held.evidence === "extension" ? EXTENSION : PISYNC, evidence };
  }
  const { messages, lastActivity, header } = indexed.reading;
  const last = lastActivity === undefined ? "" : `, the last one at ${clockTime(lastActivity, now)}`;
  const origin = parent === undefined ? "" : `; it was forked from ${parent}`;
  const evidence = `${messages === 1 ? "1 message" : `${messages} messages`}${last}${origin}.`;
  return { ...fact, value, source: FILE, evidence, at: lastActivity ?? header.createdAt };
}

function attributionFact({ held, kind, entry }: KnownSession): ExplainedFact | undefined {
  const fact = { fact: "attribution" } as const;
  if (held === undefined) {
    if (kind === "resumable" || entry?.record.agent === "command") return undefined;
    const evidence = "No extension reports, and no single conversation matches what its screen shows.";
    return { ...fact, value: "none", source: PISYNC, evidence };
  }
  switch (held.evidence) {
    case undefined:
      return undefined;
    case "extension": {
      const ended = "Until its end pi itself said which conversation it had open.";
      const evidence = kind === "resumable" ? ended : "pi itself says which conversation it has open.";
      return { ...fact, value: "exact", source: EXTENSION, evidence };
    }
    case "launch": {
      const still = kind === "resumable" ? "had it open at its end" : "still has it open";
      const evidence = `pi was started on this conversation; nothing has confirmed since that it ${still}.`;
      return { ...fact, value: "by its launch", source: PISYNC, evidence };
    }
    case "content":
      return {
        ...fact,
        value: "by its content",
        source: PISYNC,
        evidence: held.detail ?? "What the screen showed is what the conversation says.",
        at: held.at,
      };
    case "only-candidate":
      return {
        ...fact,
        value: "the only candidate",
        source: PISYNC,
        evidence: held.detail ?? "It was the only conversation that it could be.",
        at: held.at,
      };
  }
}

function processFact({ entry, external }: KnownSession, { pid }: SessionSummary): ExplainedFact | undefined {
  const fact = { fact: "process" } as const;
  if (external !== undefined) {
    const evidence = "It is in the list of processes, and draws its screen on a terminal.";
    return { ...fact, value: `${external.process.pid}`, source: "the system", evidence, at: external.startedAt };
  }
  const host = entry?.record.host;
  if (host === undefined) return undefined;
  const value = pid === undefined ? `host ${host.process.pid}` : `${pid}, held by host ${host.process.pid}`;
  const evidence = `The host of pisync ${host.version} started it with: ${entry?.record.argv.join(" ")}`;
  return { ...fact, value, source: "its host", evidence };
}

function terminalFact({ external, state }: KnownSession): ExplainedFact | undefined {
  const fact = { fact: "terminal" } as const;
  const terminal = external?.terminal;
  if (terminal !== undefined) {
    return { ...fact, value: placeOf(terminal), source: "the system", evidence: placeEvidence(terminal) };
  }
  if (state === undefined) return undefined;
  const { views, size } = state;
  const value = views.length === 1 ? "1 view" : `${views.length} views`;
  return { ...fact, value, source: "its host", evidence: `Its own terminal has ${size.cols} by ${size.rows} cells.` };
}

function placeEvidence({ tty, tmux, session }: ExternalTerminal): string {
  if (session !== undefined) return `It was started by hand in that session, on ${tty}.`;
  if (tmux !== undefined) return `It runs on ${tty}, which is that pane of the tmux server at ${tmux.socket}.`;
  return "No tmux pane was found for the terminal that it runs on.";
}
