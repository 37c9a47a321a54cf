import type { ConversationTip } from "../conversation-adapter.ts";

/**
 * An entry of a pi conversation that says something about the agent. Everything else (names, models, labels, custom
 * entries, commands of `!`, summaries, and what is not invented yet) says nothing and is not handed in. `at` is when
 * the entry was written, in milliseconds since the epoch: its own `timestamp`, not that of the message in it, which is
 * when the message began.
 */
export type TipEntry =
  | { kind: "user"; at: number }
  /** `stop` is pi's `stopReason`; `error` its `errorMessage`. */
  | { kind: "assistant"; id?: string | undefined; at: number; stop: string; error?: string | undefined }
  | { kind: "tool-result"; at: number }
  /** pi's `context_edit`: `target` is the id of the entry that it replaces in what the model is told. */
  | { kind: "context-edit"; at: number; target: string; replacement: "null" | "other" };

const MAX_ERROR_CHARACTERS = 2_000;
/** Before 1.5.1 an abort during a tool can be written as an error with these words. */
const ABORT_WORDS = /operation was aborted|request was aborted/i;

/** The tip of a conversation in which nothing was said. */
export function emptyTip(): ConversationTip {
  return { entry: "none", at: 0, runAt: 0, errors: 0, retried: false, marksRetries: false };
}

/** The tip after one more entry, in the order of the file; the same object when the entry changes nothing. */
export function advanceTip(tip: ConversationTip, entry: TipEntry): ConversationTip {
  switch (entry.kind) {
    case "user":
      return { ...next(tip, "user", entry.at), runAt: entry.at };
    case "tool-result":
      return next(tip, "tool-result", entry.at);
    case "assistant":
      return afterAssistant(tip, entry);
    case "context-edit":
      return afterContextEdit(tip, entry);
  }
}

function next(tip: ConversationTip, entry: ConversationTip["entry"], at: number): ConversationTip {
  return { ...emptyTip(), entry, at, runAt: tip.runAt || at, marksRetries: tip.marksRetries };
}

function afterAssistant(tip: ConversationTip, message: Extract<TipEntry, { kind: "assistant" }>): ConversationTip {
  const { id, at, error = "" } = message;
  const tipOfIt = { ...next(tip, assistantEntry(message), at), ...(id === undefined ? {} : { entryId: id }) };
  if (tipOfIt.entry !== "error") return tipOfIt;
  return { ...tipOfIt, errors: tip.errors + 1, error: error.slice(0, MAX_ERROR_CHARACTERS) };
}

/** Only a tool's call goes on by itself: a stop reason that is not known ends the run like the known ones. */
function assistantEntry({ stop, error = "" }: Extract<TipEntry, { kind: "assistant" }>): ConversationTip["entry"] {
  switch (stop) {
    case "toolUse":
      return "tool-use";
    case "aborted":
      return "aborted";
    case "error":
      return ABORT_WORDS.test(error) ? "aborted" : "error";
    default:
      return "stopped";
  }
}

/** From 0.87 pi edits an error that it is going to retry out of the context, milliseconds after writing it. */
function afterContextEdit(tip: ConversationTip, edit: Extract<TipEntry, { kind: "context-edit" }>): ConversationTip {
  const retried = tip.entry === "error" && edit.replacement === "null" && edit.target === tip.entryId;
  return retried ? { ...tip, retried: true, marksRetries: true } : tip;
}
