import type { ServerResponse } from "node:http";
import type { Order, ShowAnswer } from "../protocol/daemon-api.ts";
import { Switched } from "../protocol/host-api.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { openEventSink, type EventSink } from "../runtime/event-sink.ts";
import { requestJson } from "../runtime/http-client.ts";
import { PisyncError } from "../runtime/failure.ts";

/** More terminals than anybody looks at. */
const MAX_WAITING = 64;
/** A view of the workspace that is gone without a word is noticed within this time. */
const PING_MS = 15_000;

/** Tells views what to show: those of the workspace, which wait for orders, and any other through its host. */
export interface Orders {
  /** Keeps the workspace's view on this terminal informed; a later one on the same terminal takes its place. */
  listen(tty: string, response: ServerResponse): void;
  /** Shows a live session on this terminal. `sessions` are those that may have a view there now. */
  show(tty: string, session: SessionSummary, sessions: Iterable<SessionSummary>): Promise<ShowAnswer>;
  /** Ends every stream. */
  close(): void;
}

export function createOrders(): Orders {
  const waiting = new Map<string, EventSink>();

  function listen(tty: string, response: ServerResponse): void {
    if (waiting.size >= MAX_WAITING && !waiting.has(tty)) {
      throw new PisyncError("too-many-views", `There are ${MAX_WAITING} workspaces already.`, {
        next: "Close one of them first.",
      });
    }
    waiting.get(tty)?.close();
    const sink = openEventSink(
      response,
      () => {
        if (waiting.get(tty) === sink) waiting.delete(tty);
      },
      { pingMs: PING_MS },
    );
    waiting.set(tty, sink);
  }

  async function show(tty: string, session: SessionSummary, sessions: Iterable<SessionSummary>): Promise<ShowAnswer> {
    const { id, socket, title } = session;
    if (socket === undefined) {
      throw new PisyncError("not-live", `Session ${id} (${title}) is not live.`, {
        next: `Bring it back with: pisync resume ${id}`,
      });
    }
    const sink = waiting.get(tty);
    if (sink !== undefined) {
      sink.send("show", { session: id, socket, title } satisfies Order);
      return { outcome: "shown" };
    }
    for (const other of sessions) {
      if (other.socket === undefined || !other.shownOn?.includes(tty)) continue;
      if (other.id === id) return { outcome: "shown" };
      const options = {
        schema: Switched,
        body: { tty, session: id, socket },
        unreachable: "host-unreachable",
      } as const;
      const { views } = await requestJson(other.socket, "POST", "/v1/views/switch", options);
      if (views > 0) return { outcome: "shown" };
    }
    return { outcome: "nobody" };
  }

  return {
    listen,
    show,
    close() {
      for (const sink of waiting.values()) sink.close();
    },
  };
}
