import { setTimeout as later } from "node:timers/promises";
import { EventEnvelope, GAP_EVENT, LogGap, LogQuery, SNAPSHOT_EVENT } from "../../protocol/events.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { eventFrame, openEventSink, type EventSink } from "../../runtime/event-sink.ts";
import { openEventStream, passEventStream, type ServerEvent } from "../../runtime/event-stream.ts";
import type { ApiRequest } from "../../runtime/http-router.ts";
import { parseValue } from "../../runtime/json-file.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { within } from "../within.ts";
import type { ExternalControls } from "../external/external-controls.ts";
import { controllerOf, type ControllableSessions } from "./session-forward.ts";
import type { SessionList } from "../sessions/session-list.ts";

const PING_MS = 15_000;
/** Between attempts at a host whose stream broke. */
const AGAIN_MS = 500;
/** How long a reader's beginning waits for hosts that do not answer. */
const OPENING_MS = 1_000;

export interface SessionLogsParts extends ControllableSessions {
  sessions: Pick<SessionList, "all" | "find" | "onChange">;
  controls: Pick<ExternalControls, "get" | "find" | "onEvent">;
}

/**
 * The event logs of sessions, one, or all of them as one stream: those of live ones, which their hosts keep, and of
 * external ones that the extension is in, which this daemon keeps.
 */
export interface SessionLogs {
  /** `GET /v1/sessions/:session/log`: its stream as it is. @throws PisyncError as `controllerOf`. */
  serveOne(request: ApiRequest): Promise<void>;
  /**
   * `GET /v1/log`: compact events of every session, from its `snapshot` on, and all of a session that starts later. Ids
   * are `<session>:<seq>`. It is not resumed: a reader that asks for it is told of a gap, and finds what it missed in
   * the history of each session.
   */
  serveAll(request: ApiRequest): Promise<void>;
  /** Ends every stream. */
  close(): void;
}

interface Reader {
  names: readonly string[] | undefined;
  /** It has its snapshot. */
  ready: boolean;
}

/** One host's stream. */
interface Followed {
  readonly session: SessionId;
  readonly stop: AbortController;
  /** The session is live in this host: a stream that breaks goes on. */
  live: boolean;
  /** Once its events come, or do not yet. */
  opened: Promise<unknown>;
  /** Once nothing more comes. */
  over: Promise<unknown>;
}

export function createSessionLogs({ sessions, controls }: SessionLogsParts): SessionLogs {
  const readers = new Map<EventSink, Reader>();
  /** One stream of each live session, while anybody reads all of them. By the host's socket. */
  const followed = new Map<string, Followed>();
  const passing = new Set<ApiRequest["response"]>();

  /** `whole`: those that are new have started just now, and all of their events are wanted. */
  function followLive({ whole }: { whole: boolean }): void {
    const live = readers.size === 0 ? [] : sessions.all().filter(({ kind }) => kind === "live");
    const wanted = new Map(live.flatMap(({ id, socket }) => (socket === undefined ? [] : [[socket, id] as const])));
    for (const [socket, host] of followed) {
      // What a host says last is still on its way: its stream ends by itself.
      host.live = wanted.has(socket);
      if (readers.size > 0) continue;
      host.stop.abort();
      followed.delete(socket);
    }
    for (const [socket, session] of wanted) if (!followed.has(socket)) follow(session, socket, whole);
  }

  function follow(session: SessionId, socket: string, whole: boolean): void {
    const before = [...followed.values()].filter((host) => host.session === session).map(({ over }) => over);
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    const host: Followed = { session, stop: new AbortController(), live: true, opened, over: opened };
    followed.set(socket, host);
    const read = () => keepReading(host, socket, { whole, onOpen: resolve });
    // The events of a session come in their order, also over its hosts.
    host.over = Promise.all(before)
      .then(read)
      .finally(() => followed.get(socket) === host && followed.delete(socket));
  }

  async function keepReading(
    host: Followed,
    socket: string,
    { whole, onOpen }: { whole: boolean; onOpen: () => void },
  ): Promise<void> {
    const { signal } = host.stop;
    let lastEventId: string | undefined;
    const onEvent = (event: ServerEvent) => {
      lastEventId = event.id ?? lastEventId;
      tell(host.session, event);
    };
    const goesOn = () => host.live && !signal.aborted;
    while (goesOn()) {
      const options = { onEvent, signal, lastEventId, unreachable: "host-unreachable" } as const;
      const stream = await openEventStream(socket, `/v1/log?whole=${whole}`, options).catch(() => undefined);
      onOpen();
      await stream?.ended.catch(() => undefined);
      if (goesOn()) await later(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
    onOpen();
  }

  function tell(session: SessionId, { event, data }: ServerEvent): void {
    if (event === undefined || event === SNAPSHOT_EVENT) return;
    const value = JSON.parse(data) as unknown;
    const isGap = event === GAP_EVENT;
    const frame = isGap
      ? eventFrame(event, JSON.stringify({ ...LogGap.parse(value), session } satisfies LogGap))
      : eventFrame(event, data, EventEnvelope.parse(value).id);
    pass(isGap ? undefined : event, frame);
  }

  /** Without a name it concerns everybody. */
  function pass(event: string | undefined, frame: Buffer): void {
    for (const [sink, { names, ready }] of readers) {
      if (ready && (event === undefined || (names?.includes(event) ?? true))) sink.write(frame);
    }
  }

  const isFollowed = ({ id, kind }: SessionSummary) => kind === "live" || controls.get(id) !== undefined;

  const subscriptions = [
    sessions.onChange(() => {
      if (readers.size > 0) followLive({ whole: true });
    }),
    controls.onEvent((session, { event, json, seq }) => {
      if (readers.size > 0) pass(event, eventFrame(event, json, `${session}:${seq}`));
    }),
  ];

  return {
    async serveOne(request) {
      const { params, query, headers, response } = request;
      const controller = await controllerOf(params["session"] as SessionId, { sessions, controls });
      if ("router" in controller) return void (await controller.router.pass("GET", "/v1/log", request));
      const { socket } = controller;
      const search = new URLSearchParams(query).toString();
      if (response.destroyed) return;
      passing.add(response);
      response.once("close", () => passing.delete(response));
      const lastEventId = headers["last-event-id"]?.toString();
      await passEventStream(socket, `/v1/log?${search}`, response, { lastEventId, unreachable: "host-unreachable" });
    },
    async serveAll({ query, headers, response }) {
      const { event } = parseValue(query, LogQuery.pick({ event: true }), "The query");
      const isFirst = readers.size === 0;
      const sink = openEventSink(
        response,
        () => {
          readers.delete(sink);
          if (readers.size === 0) followLive({ whole: false });
        },
        { pingMs: PING_MS },
      );
      const reader: Reader = { names: event, ready: false };
      readers.set(sink, reader);
      followLive({ whole: !isFirst });
      // From its snapshot on a reader misses nothing: so the hosts' streams come first.
      await within(Promise.all([...followed.values()].map(({ opened }) => opened)), OPENING_MS);
      const asked = headers["last-event-id"]?.toString();
      if (asked !== undefined) sink.send(GAP_EVENT, { asked: plainText(asked, { maxCells: 64 }) } satisfies LogGap);
      sink.send(SNAPSHOT_EVENT, { sessions: sessions.all().filter(isFollowed) });
      reader.ready = true;
    },
    close() {
      for (const unsubscribe of subscriptions) unsubscribe();
      for (const { stop } of followed.values()) stop.abort();
      for (const sink of readers.keys()) sink.close();
      for (const response of passing) response.destroy();
    },
  };
}
