import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { IndexState, Preferences, StateChange, StateGap, StateSnapshot } from "../../protocol/daemon-state.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { eventFrame, openEventSink, type EventSink } from "../../runtime/event-sink.ts";
import type { ApiRequest } from "../../runtime/http-router.ts";
import { plainText } from "../../runtime/sanitise.ts";

/** What can be resumed from, and less than a reader may leave unread: so that who resumes is not dropped for it. */
const MAX_KEPT_EVENTS = 1_000;
const MAX_KEPT_BYTES = 512 * 1024;
/** A change of more entries is several events. */
const ENTRIES_AN_EVENT = 200;
const INDEX_EVERY_MS = 500;
const PING_MS = 15_000;
/** Readers that come at the same moment share one snapshot; it is not worth its memory for longer. */
const SNAPSHOT_KEPT_MS = 1_000;

/** What the stream tells of. */
export interface StateSources {
  sessions: {
    /** Everything listed, in order. What has changed until now was told to the listeners before this returns. */
    all(): readonly SessionSummary[];
    onChange(listener: (change: StateChange) => void): () => void;
  };
  index: { state(): IndexState; onState(listener: () => void): () => void };
  preferences: { readonly mutedAll: boolean; onChange(listener: () => void): () => void };
}

/** `GET /v1/events`: what is promised stands in protocol/daemon-state.ts. */
export interface StateStream {
  /** Answers one reader, until it is gone. */
  serve(request: Pick<ApiRequest, "headers" | "response">): void;
  /** Ends every reader's stream. */
  close(): void;
}

/** Each event is made into bytes once, whatever the number of readers. `epoch` names this stream's lifetime. */
export function createStateStream(
  { sessions, index, preferences }: StateSources,
  epoch: string = randomBytes(6).toString("hex"),
): StateStream {
  const readers = new Set<EventSink>();
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let seq = 0;
  let snapshot: Buffer | undefined;
  let snapshotTimer: NodeJS.Timeout | undefined;

  function publish(event: string, data: unknown): void {
    seq += 1;
    snapshot = undefined;
    const frame = eventFrame(event, JSON.stringify(data), `${epoch}-${seq}`);
    kept.push(frame);
    keptBytes += frame.length;
    while (kept.length > MAX_KEPT_EVENTS || keptBytes > MAX_KEPT_BYTES) keptBytes -= kept.shift()?.length ?? 0;
    for (const reader of readers) reader.write(frame);
  }

  function publishChange({ changed, removed }: StateChange): void {
    publish("change", { changed: changed.slice(0, ENTRIES_AN_EVENT), removed } satisfies StateChange);
    for (let at = ENTRIES_AN_EVENT; at < changed.length; at += ENTRIES_AN_EVENT) {
      publish("change", { changed: changed.slice(at, at + ENTRIES_AN_EVENT), removed: [] } satisfies StateChange);
    }
  }

  /** The frames behind the event with this id; undefined when they are not all known any more. */
  function keptAfter(id: string): Buffer[] | undefined {
    const [of, number = ""] = id.split("-", 2);
    const missed = /^\d{1,15}$/.test(number) ? seq - Number(number) : -1;
    return of === epoch && missed >= 0 && missed <= kept.length ? kept.slice(kept.length - missed) : undefined;
  }

  function presentSnapshot(all: readonly SessionSummary[]): Buffer {
    const data: StateSnapshot = { sessions: [...all], index: index.state(), preferences: wanted() };
    snapshot ??= eventFrame("snapshot", JSON.stringify(data), `${epoch}-${seq}`);
    clearTimeout(snapshotTimer);
    snapshotTimer = setTimeout(() => (snapshot = undefined), SNAPSHOT_KEPT_MS).unref();
    return snapshot;
  }

  function wanted(): Preferences {
    return { mutedAll: preferences.mutedAll };
  }

  let toldPreferences = wanted();
  const indexNews = createIndexNews(index, (state) => {
    // Whoever hears that the index is ready has heard of every conversation in it.
    sessions.all();
    publish("index", state);
  });
  const subscriptions = [
    sessions.onChange(publishChange),
    preferences.onChange(() => {
      if (isDeepStrictEqual(wanted(), toldPreferences)) return;
      toldPreferences = wanted();
      publish("preferences", toldPreferences);
    }),
  ];

  return {
    serve({ headers, response }) {
      const all = sessions.all();
      const reader = openEventSink(response, () => readers.delete(reader), { pingMs: PING_MS });
      const asked = headers["last-event-id"]?.toString();
      const missed = asked === undefined ? undefined : keptAfter(asked);
      if (asked !== undefined && missed === undefined) {
        reader.send("gap", { asked: plainText(asked, { maxCells: 64 }) } satisfies StateGap);
      }
      for (const frame of missed ?? [presentSnapshot(all)]) reader.write(frame);
      readers.add(reader);
    },
    close() {
      for (const unsubscribe of subscriptions) unsubscribe();
      indexNews.close();
      clearTimeout(snapshotTimer);
      for (const reader of readers) reader.close();
    },
  };
}

/** Tells the index's state when it is another one: at once when scanning begins or ends, else every half second. */
function createIndexNews(index: StateSources["index"], tell: (state: IndexState) => void): { close(): void } {
  let told = index.state();
  let timer: NodeJS.Timeout | undefined;

  function tellNow(): void {
    clearTimeout(timer);
    timer = undefined;
    const state = index.state();
    if (isDeepStrictEqual(state, told)) return;
    told = state;
    tell(state);
  }

  const unsubscribe = index.onState(() => {
    if (index.state().state !== told.state) tellNow();
    else timer ??= setTimeout(tellNow, INDEX_EVERY_MS).unref();
  });
  return {
    close() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}
