import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { waitFor } from "./wait-for.ts";

type Message = Record<string, unknown> & { type: string };

/** A client as people write them for pi-session-bridge: lines of JSON over a socket, and no code of ours. */
export class OriginalClient implements Disposable {
  /** Everything that arrived, in order. */
  readonly messages: Message[] = [];
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #rest = "";
  #count = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, "close");
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("data", (text: string) => this.#take(text));
  }

  static async open(socketPath: string): Promise<OriginalClient> {
    const socket = connect(socketPath);
    await once(socket, "connect");
    return new OriginalClient(socket);
  }

  /** The answer to a request. */
  async request(request: Message): Promise<Message & { success: boolean; data: unknown; error?: string }> {
    const id = `r${++this.#count}`;
    this.socket.write(`${JSON.stringify({ id, ...request })}\n`);
    const response = await this.next((message) => message["id"] === id && message.type === "response");
    return response as Message & { success: boolean; data: unknown; error?: string };
  }

  /** The data of an answer that has to be a success. */
  async ok(request: Message): Promise<Record<string, unknown>> {
    const response = await this.request(request);
    if (!response.success) throw new Error(JSON.stringify(response));
    return response.data as Record<string, unknown>;
  }

  /** The first event of that name, behind the first `skip` messages. */
  event(name: string, skip = 0): Promise<Message & { data: Record<string, unknown> }> {
    const isIt = (message: Message) => message.type === "event" && message["event"] === name;
    return this.next(isIt, skip) as Promise<Message & { data: Record<string, unknown> }>;
  }

  next(isWanted: (message: Message) => boolean, skip = 0): Promise<Message> {
    return waitFor(`a message of the bridge that is ${isWanted.toString()}`, () =>
      this.messages.slice(skip).find(isWanted),
    );
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.messages.push(JSON.parse(line) as Message);
  }
}
