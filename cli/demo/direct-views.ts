import { HostConnection } from "../view/host-connection.ts";
import type { TwoViews } from "./views.ts";
import type { DemoWorld } from "./world.ts";

const SIZE = { cols: 58, rows: 24 };

/**
 * Two views that speak the view protocol themselves, for a machine without tmux. There is no terminal and no
 * emulator here: what one "shows" is the text of the snapshot a host sends to a view that has just attached.
 */
export class DirectViews implements TwoViews {
  readonly kind = "two connections of the view protocol, for want of tmux";
  readonly width = SIZE.cols;
  readonly #world: DemoWorld;
  readonly #id: string;
  #views: [DirectView, DirectView];

  private constructor(world: DemoWorld, id: string, views: [DirectView, DirectView]) {
    this.#world = world;
    this.#id = id;
    this.#views = views;
  }

  static async open(world: DemoWorld, id: string): Promise<DirectViews> {
    return new DirectViews(world, id, await attachTwice(world, id));
  }

  type(text: string): Promise<void> {
    this.#views[0].send(text);
    return Promise.resolve();
  }

  pressEnter(): Promise<void> {
    return this.type("\r");
  }

  async screens(): Promise<[string, string]> {
    await this.attachAgain();
    return [await this.#views[0].firstScreen, await this.#views[1].firstScreen];
  }

  async attachAgain(): Promise<void> {
    await this.close();
    this.#views = await attachTwice(this.#world, this.#id);
  }

  exitCodes(): Promise<[number | undefined, number | undefined]> {
    return Promise.resolve([this.#views[0].exitCode, this.#views[1].exitCode]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#views.map((view) => view.close()));
  }
}

class DirectView {
  /** The text of the first output after attaching. */
  readonly firstScreen: Promise<string>;
  exitCode: number | undefined;
  readonly #connection: HostConnection;

  constructor(socket: string) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.firstScreen = promise;
    promise.catch(() => undefined);
    this.#connection = new HostConnection(
      socket,
      { mode: "mirror", size: SIZE },
      {
        onOutput: (bytes, written) => {
          resolve(textOf(bytes));
          written();
        },
        onMessage: (message) => {
          if (message.type === "exit")
            this.exitCode = 128 * Number(message.signal !== undefined) + (message.signal ?? message.exitCode);
          if (message.type === "refused") reject(new Error(message.error.message));
        },
        onLost: () => reject(new Error("the host is gone")),
        onCongestion: () => {},
      },
    );
  }

  send(text: string): void {
    this.#connection.sendInput(Buffer.from(text));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function attachTwice(world: DemoWorld, id: string): Promise<[DirectView, DirectView]> {
  const { socket } = await world.session(id);
  if (socket === undefined) throw new Error(`session ${id} is not live`);
  const views: [DirectView, DirectView] = [new DirectView(socket), new DirectView(socket)];
  await Promise.all(views.map((view) => view.firstScreen));
  return views;
}

/** A snapshot prints its rows from the top, so its text is what is left without the sequences. */
function textOf(snapshot: Buffer): string {
  return (
    snapshot
      .toString("utf8")
      // A run of blanks is a movement.
      .replace(/\x1b\[(\d*)C/g, (_, count: string) => " ".repeat(Number(count || 1)))
      .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g, "")
      .replace(/[\x00-\x09\x0b-\x1f]/g, "")
      .trimEnd()
  );
}
