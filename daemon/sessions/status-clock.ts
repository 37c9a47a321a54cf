import type { SessionId } from "../../protocol/ids.ts";

/** Node's timers reach no further. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Knows which statuses change by time alone. One timer for all of them. */
export interface StatusClock {
  /** When the session's status changes, milliseconds since the epoch; undefined when it does not. */
  set(id: SessionId, at: number | undefined): void;
  close(): void;
}

/** `onDue` is called once for each time that was set. */
export function createStatusClock(onDue: (id: SessionId) => void): StatusClock {
  const due = new Map<SessionId, number>();
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    clearTimeout(timer);
    timer = undefined;
    if (due.size === 0) return;
    const next = Math.min(...due.values()) - Date.now();
    timer = setTimeout(ring, Math.min(Math.max(next, 0), LONGEST_TIMER_MS)).unref();
  }

  function ring(): void {
    const now = Date.now();
    for (const [id, at] of due) {
      if (at > now) continue;
      due.delete(id);
      onDue(id);
    }
    wait();
  }

  return {
    set(id, at) {
      if (at === due.get(id)) return;
      if (at === undefined) due.delete(id);
      else due.set(id, at);
      wait();
    },
    close: () => clearTimeout(timer),
  };
}
