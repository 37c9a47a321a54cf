import type { PromptOutcome, PromptRecord, StoredPrompt } from "../protocol/prompts.ts";

export interface PromptEnd {
  outcome: PromptOutcome;
  reason?: string | undefined;
  /** pi has it in the conversation, and not in its file. */
  unsaved?: true | undefined;
}

/**
 * Which prompt the agent is to get next. One is with it at a time, so that the others can be cancelled, are in order,
 * and what is in the conversation can be told. What may steer passes what waits for the end of the run. Pure.
 */
export function nextPrompt(
  prompts: readonly StoredPrompt[],
  { running }: { running: boolean },
): StoredPrompt | undefined {
  const handed = prompts.find(({ state }) => state === "handed");
  if (handed) return handed;
  const waiting = prompts.filter(({ state }) => state === "queued");
  return running ? waiting.find(({ deliverAs }) => deliverAs !== "followUp") : waiting[0];
}

export function isOver({ state }: Pick<PromptRecord, "state">): boolean {
  return state !== "queued" && state !== "handed";
}

/** It has no end, or one that is forgotten if pi is killed now. */
export function isOwed(prompt: Pick<StoredPrompt, "state" | "unsaved">): boolean {
  return !isOver(prompt) || prompt.unsaved === true;
}

/**
 * As the next host takes it up. One that pi may have had is looked for in the conversation before it is given again;
 * without a `conversation` to go back to, it is for the first that is opened.
 */
export function takenUp(prompt: StoredPrompt, conversation: string | undefined): StoredPrompt {
  // A run that went on ended with the host before.
  if (!isOwed(prompt)) return prompt.run === "going" ? { ...prompt, run: "aborted" } : prompt;
  const again = prompt.unsaved
    ? { state: "handed" as const, endedAt: undefined, run: undefined, unsaved: undefined }
    : {};
  return { ...prompt, ...again, ...(conversation === undefined ? { conversation } : {}) };
}

const SHOWN_CHARACTERS = 500;

/** What is told of it. */
export function recordOf(prompt: StoredPrompt): PromptRecord {
  const { id, images, deliverAs, disposition, state, acceptedAt, endedAt, run, reason } = prompt;
  return {
    id,
    text: beginning(prompt.text),
    images,
    deliverAs,
    disposition,
    state,
    acceptedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(run === undefined ? {} : { run }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A prompt that is over, whole still. */
export function ended(prompt: StoredPrompt, { outcome, reason, unsaved }: PromptEnd, now: number): StoredPrompt {
  return {
    ...prompt,
    state: outcome,
    endedAt: now,
    ...(reason === undefined ? {} : { reason }),
    ...(unsaved ? { unsaved } : {}),
  };
}

/** What is kept of a prompt that is over for good. */
export function withoutContent(prompt: StoredPrompt): StoredPrompt {
  return { ...prompt, text: beginning(prompt.text), content: [], unsaved: undefined };
}

function beginning(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS).toWellFormed();
}
