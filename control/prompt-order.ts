import type { PromptRecord, StoredPrompt } from "../protocol/prompts.ts";

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

/** What is kept of a prompt once it is over. */
export function ended(
  prompt: StoredPrompt,
  outcome: "delivered" | "cancelled" | "failed",
  reason: string | undefined,
  now: number,
): StoredPrompt {
  return {
    ...prompt,
    text: beginning(prompt.text),
    content: [],
    state: outcome,
    endedAt: now,
    ...(reason === undefined ? {} : { reason }),
  };
}

function beginning(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS).toWellFormed();
}
