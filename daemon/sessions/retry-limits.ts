import { isDeepStrictEqual } from "node:util";
import type { TipContext } from "../../adapters/agents/conversation-adapter.ts";

export type Limits = Pick<TipContext, "maxRetries" | "maxRetryDelayMs">;

/** More directories than anybody has sessions in at a time. */
const MAX_DIRECTORIES = 256;
/** How long settings count as read. */
const FRESH_MS = 10_000;

/** How often the agent retries in a directory, for who cannot wait for its settings to be read. */
export interface RetryLimits {
  /** What was read last, else what `initial` is; reads again in the background when that was long ago. */
  of(cwd: string): Limits;
}

/** `onChange` is told of a directory where something else was read than `of` has said. */
export function createRetryLimits(
  read: (cwd: string) => Promise<Limits>,
  { initial, onChange }: { initial: Limits; onChange: (cwd: string) => void },
): RetryLimits {
  const known = new Map<string, { limits: Limits; readAt: number }>();

  function put(cwd: string, limits: Limits): void {
    known.delete(cwd);
    known.set(cwd, { limits, readAt: Date.now() });
    for (const oldest of known.keys()) if (known.size > MAX_DIRECTORIES) known.delete(oldest);
  }

  async function readAgain(cwd: string, before: Limits): Promise<void> {
    const limits = await read(cwd);
    put(cwd, limits);
    if (!isDeepStrictEqual(limits, before)) onChange(cwd);
  }

  return {
    of(cwd) {
      const present = known.get(cwd);
      const limits = present?.limits ?? initial;
      if (present === undefined || Math.abs(Date.now() - present.readAt) > FRESH_MS) {
        put(cwd, limits);
        // Settings that cannot be read are the agent's own default, which is what counts already.
        readAgain(cwd, limits).catch(() => undefined);
      }
      return limits;
    },
  };
}
