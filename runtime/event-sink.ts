import type { ServerResponse } from "node:http";

/** A reader that leaves this much unread is dropped; it may come again and starts with the present state. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** One reader's stream of server-sent events. */
export interface EventSink {
  /** Sends `data` as JSON. Does nothing once the reader is gone. */
  send(event: string, data: unknown): void;
  close(): void;
}

/** Answers a request with server-sent events; `onClose` is called once, when the reader is gone. */
export function openEventSink(response: ServerResponse, onClose: () => void): EventSink {
  response.once("close", onClose);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  return {
    send(event, data) {
      if (response.destroyed) return;
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    },
    close: () => response.end(),
  };
}
