import type { ServerResponse } from "node:http";

/**
 * A reader that leaves this much unread is dropped; it may come again. A larger frame does not count: it is one
 * buffer, which its readers share.
 */
const MAX_UNREAD_BYTES = 1024 * 1024;

const PING = Buffer.from(": ping\n\n");

/** One reader's stream of server-sent events. Does nothing any more once the reader is gone. */
export interface EventSink {
  /** Sends `data` as JSON. */
  send(event: string, data: unknown): void;
  /** Sends what `eventFrame` made: the same bytes may go to many readers. */
  write(frame: Buffer): void;
  /** The reader has not taken what it was sent: who can wait for `onDrain` does. */
  readonly full: boolean;
  close(): void;
}

export interface EventSinkOptions {
  /** Sends a comment this often, and drops a reader that has not taken the one before, in milliseconds. */
  pingMs?: number;
  /** Called when the reader has taken what it was sent, after it was `full`. */
  onDrain?: () => void;
}

/** An event as it stands in the stream. `json` is what it says, on one line. */
export function eventFrame(event: string, json: string, id?: string): Buffer {
  return Buffer.from(`event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${json}\n\n`);
}

/** Answers a request with server-sent events; `onClose` is called once, when the reader is gone. */
export function openEventSink(
  response: ServerResponse,
  onClose: () => void,
  { pingMs, onDrain }: EventSinkOptions = {},
): EventSink {
  let largeBytes = 0;
  let pingTaken = true;
  const ping = () => {
    if (!pingTaken) return void response.destroy();
    pingTaken = false;
    response.write(PING, () => (pingTaken = true));
  };
  const pings = pingMs === undefined ? undefined : setInterval(ping, pingMs).unref();
  const closed = () => {
    clearInterval(pings);
    onClose();
  };
  // Who was gone before is told of behind whatever is done with the sink now.
  if (response.destroyed) queueMicrotask(closed);
  else response.once("close", closed);
  if (onDrain) response.on("drain", onDrain);
  if (!response.destroyed) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
  }

  function write(frame: Buffer): void {
    if (response.destroyed || response.writableEnded) return;
    const large = frame.length > MAX_UNREAD_BYTES ? frame.length : 0;
    largeBytes += large;
    response.write(frame, () => (largeBytes -= large));
    if (response.writableLength - largeBytes > MAX_UNREAD_BYTES) response.destroy();
  }

  return {
    send: (event, data) => write(eventFrame(event, JSON.stringify(data))),
    write,
    get full() {
      return response.writableNeedDrain;
    },
    close: () => response.end(),
  };
}
