import { connect } from "node:net";
import { createInterface } from "node:readline";
import * as z from "zod";

/** What is looked at of a line; it is shown as it arrives. */
const Line = z.object({ type: z.string(), id: z.unknown().optional(), success: z.boolean().optional() });

/** Sends one request, and resolves with its answer, as JSON. Rejects when the bridge is gone before. */
export async function ask(socketPath: string, request: { id: unknown }): Promise<{ json: string; success: boolean }> {
  for await (const { text, line } of linesFrom(socketPath, request)) {
    if (line?.type !== "response" || line.id !== request.id) continue;
    return { json: text, success: line.success === true };
  }
  throw new Error("Socket closed before response");
}

/** Sends a request and hands on every line; resolves when the bridge ends: true when it said so before. */
export async function follow(socketPath: string, request: object, onLine: (text: string) => Promise<void>) {
  let saidGoodbye = false;
  for await (const { text, line } of linesFrom(socketPath, request)) {
    saidGoodbye = line?.type === "bridge_stop";
    await onLine(text);
  }
  return saidGoodbye;
}

/** No more is read from the bridge than its reader takes. */
async function* linesFrom(socketPath: string, request: object) {
  const socket = connect(socketPath);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    const failed = new Promise<never>((_, reject) => socket.once("error", reject));
    const lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done === true) return;
      yield { text: next.value, line: Line.safeParse(parsed(next.value)).data };
    }
  } finally {
    socket.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
