import { setTimeout as delay } from "node:timers/promises";

/** True when the promise settled in time; it goes on in either case. Rejects when the promise does in time. */
export async function within(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const deadline = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), deadline]);
  } finally {
    timer.abort();
  }
}
