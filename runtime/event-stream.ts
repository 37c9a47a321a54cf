import type { IncomingMessage, ServerResponse } from "node:http";
import { createParser, type EventSourceParser } from "eventsource-parser";
import { openStream, type StreamOptions } from "./http-client.ts";

/** A state snapshot of 10,000 conversations takes about 7 MB. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

export interface ServerEvent {
  event: string | undefined;
  id: string | undefined;
  data: string;
}

export interface EventStream {
  /** Settles when the stream has ended, for whatever reason. Rejects only with what `onEvent` threw. */
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Opens a stream of server-sent events; `onEvent` is called in order, from the first one on. An event of more
 * than 32 MiB ends the stream, and so does what `onEvent` throws.
 * @throws as `requestJson`, when the stream cannot be opened.
 */
export async function openEventStream(
  socketPath: string,
  path: string,
  options: StreamOptions & { onEvent: (event: ServerEvent) => void },
): Promise<EventStream> {
  const closing = new AbortController();
  const signal = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal]);
  const response = await openStream(socketPath, path, { ...options, signal });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  // It may be awaited later than it rejects.
  ended.catch(() => undefined);
  const parser = parserOf(response, (event) => {
    if (response.destroyed) return;
    try {
      options.onEvent(event);
    } catch (error) {
      reject(error);
      response.destroy();
    }
  });
  response.on("data", (text: string) => parser.feed(text));
  response.on("error", () => resolve());
  response.on("close", () => resolve());
  return { ended, close: () => closing.abort() };
}

/**
 * The same for who takes events one at a time: no more is read from the socket than is taken. Ends with the stream, for
 * whatever reason.
 * @throws as `requestJson`, when the stream cannot be opened; the reason of `signal`.
 */
export async function* readEventStream(
  socketPath: string,
  path: string,
  options: StreamOptions,
): AsyncGenerator<ServerEvent, void, void> {
  const { signal = new AbortController().signal } = options;
  const response = await openStream(socketPath, path, { ...options, signal });
  const events: ServerEvent[] = [];
  const parser = parserOf(response, (event) => events.push(event));
  try {
    for await (const text of response as AsyncIterable<string>) {
      parser.feed(text);
      yield* events.splice(0);
    }
  } catch {
    // The connection broke, unless it was broken off.
    signal.throwIfAborted();
  } finally {
    response.destroy();
  }
}

/**
 * Answers a request with the stream of events that another socket has: its bytes as they are, no faster than they are
 * taken, until either side ends it.
 * @throws as `openEventStream`, while nothing has been answered.
 */
export async function passEventStream(
  socketPath: string,
  path: string,
  response: ServerResponse,
  options: StreamOptions,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const source = await openStream(socketPath, path, { ...options, signal: gone.signal });
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  source.on("error", () => response.destroy());
  source.pipe(response);
}

/** Reads a stream's text; one event that is too large ends it. */
function parserOf(response: IncomingMessage, onEvent: (event: ServerEvent) => void): EventSourceParser {
  response.setEncoding("utf8");
  return createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ event, id, data }) => onEvent({ event, id, data }),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") response.destroy();
    },
  });
}
