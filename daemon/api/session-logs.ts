import { EventEnvelope, GAP_EVENT, LogQuery, SNAPSHOT_EVENT, type LogGap } from "../../protocol/events.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { eventFrame, openEventSink, type EventSink } from "../../runtime/event-sink.ts";
import { openEventStream, passEventStream, type ServerEvent } from "../../runtime/event-stream.ts";
import type { ApiRequest } from "../../runtime/http-router.ts";
import { parseValue } from "../../runtime/json-file.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { hostOf } from "./session-forward.ts";
import type { SessionList } from "../sessions/session-list.ts";

const PING_MS = 15_000;

type Sessions = Pick<SessionList, "all" | "find" | "onChange">;
type Names = readonly string[] | undefined;

/** The event logs of live sessions, which their hosts keep: one, or all of them as one stream. */
export interface SessionLogs {
  /** `GET /v1/sessions/:session/log`: the host's stream as it is. @throws PisyncError as `hostOf`. */
  serveOne(request: ApiRequest): Promise<void>;
  /**
   * `GET /v1/log`: compact events of every session, from now on. Ids are `<session>:<seq>`. It is not resumed: a reader
   * that asks for it is told of a gap, and finds what it missed in the history of each session.
   */
  serveAll(request: ApiRequest): void;
  /** Ends every stream. */
  close(): void;
}

export function createSessionLogs(sessions: Sessions): SessionLogs {
  const readers = new Map<EventSink, Names>();
  /** One stream of each live session, while anybody reads all of them. By the host's socket. */
  const followed = new Map<string, AbortController>();
  const passing = new Set<ApiRequest["response"]>();

  function followLive(): void {
    const live = sessions
      .all()
      .flatMap(({ kind, socket }) => (kind === "live" && socket !== undefined ? [socket] : []));
    const wanted = new Set(readers.size === 0 ? [] : live);
    for (const [socket, stop] of followed) {
      if (wanted.has(socket)) continue;
      followed.delete(socket);
      stop.abort();
    }
    for (const socket of wanted) if (!followed.has(socket)) void follow(socket);
  }

  async function follow(socket: string): Promise<void> {
    const stop = new AbortController();
    followed.set(socket, stop);
    // What is missed between a host's first event and this is in its history.
    const options = { onEvent: tell, signal: stop.signal, unreachable: "host-unreachable" } as const;
    const stream = await openEventStream(socket, "/v1/log", options).catch(() => undefined);
    await stream?.ended;
    if (followed.get(socket) === stop) followed.delete(socket);
  }

  function tell({ event, data }: ServerEvent): void {
    if (event === undefined || event === SNAPSHOT_EVENT) return;
    const envelope = EventEnvelope.safeParse(JSON.parse(data)).data;
    const frame = eventFrame(event, data, envelope?.id);
    for (const [reader, names] of readers) {
      if (envelope === undefined || (names?.includes(event) ?? true)) reader.write(frame);
    }
  }

  const unsubscribe = sessions.onChange(() => {
    if (readers.size > 0) followLive();
  });

  return {
    async serveOne({ params, query, headers, response }) {
      const socket = hostOf(params["session"] as SessionId, sessions);
      const search = new URLSearchParams(query).toString();
      passing.add(response);
      response.once("close", () => passing.delete(response));
      const lastEventId = headers["last-event-id"]?.toString();
      await passEventStream(socket, `/v1/log?${search}`, response, { lastEventId, unreachable: "host-unreachable" });
    },
    serveAll({ query, headers, response }) {
      const { event } = parseValue(query, LogQuery.omit({ raw: true }), "The query");
      const reader = openEventSink(
        response,
        () => {
          readers.delete(reader);
          if (readers.size === 0) followLive();
        },
        { pingMs: PING_MS },
      );
      const asked = headers["last-event-id"]?.toString();
      if (asked !== undefined) reader.send(GAP_EVENT, { asked: plainText(asked, { maxCells: 64 }) } satisfies LogGap);
      reader.send(SNAPSHOT_EVENT, { sessions: sessions.all().filter(({ kind }) => kind === "live") });
      readers.set(reader, event);
      followLive();
    },
    close() {
      unsubscribe();
      for (const stop of followed.values()) stop.abort();
      for (const reader of readers.keys()) reader.close();
      for (const response of passing) response.destroy();
    },
  };
}
