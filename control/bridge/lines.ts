import type { Socket } from "node:net";

const LINE_FEED = 10;

/**
 * Every line that a client sends, without its end, until it sends no more; undefined for one of more than `maxBytes`,
 * of which nothing is kept. The next line is read when its taker is done with the one before.
 */
export async function* boundedLines(socket: Socket, maxBytes: number): AsyncGenerator<string | undefined> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const line = bytes + end - from > maxBytes ? undefined : Buffer.concat([...pieces, chunk.subarray(from, end)]);
      [pieces, bytes, from] = [[], 0, end + 1];
      yield line?.toString("utf8").replace(/\r$/, "");
    }
    bytes += chunk.length - from;
    if (bytes > maxBytes) pieces = [];
    else if (from < chunk.length) pieces.push(chunk.subarray(from));
  }
}
