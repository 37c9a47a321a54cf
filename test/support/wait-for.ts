export interface Deadline {
  /** How long the condition may take, in milliseconds. It only bounds a failure: success returns at once. */
  deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 20_000;
const LOOK_EVERY_MS = 20;
/** Looking takes at most this part of a core, as what is waited for needs the cores too. */
const SHARE = 0.25;

/**
 * Looks at a condition until it holds, and returns the truthy value it gave. For facts that no event
 * announces; where there is an event, await that.
 * @param reason what is waited for, as it should read in the failure: "the daemon to stop".
 * @throws at the deadline, with the reason and the error the condition last threw.
 */
export async function waitFor<T>(
  reason: string,
  condition: () => T | Promise<T>,
  { deadlineMs = DEFAULT_DEADLINE_MS }: Deadline = {},
): Promise<Exclude<T, undefined | null | false | "" | 0>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const begun = performance.now();
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, undefined | null | false | "" | 0>;
    } catch (error) {
      cause = error;
    }
    const now = performance.now();
    if (now > deadline) throw new Error(`waited ${deadlineMs} ms for ${reason}`, { cause });
    const pause = Math.max(LOOK_EVERY_MS, (now - begun) * (1 / SHARE - 1));
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, deadline - now)));
  }
}
