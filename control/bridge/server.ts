import type { Socket } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import type { BridgeSettings } from "../../protocol/bridge-settings.ts";
import type { BridgeState } from "../../protocol/pi-bridge.ts";
import { PisyncError } from "../../runtime/failure.ts";
import type { Log } from "../../runtime/log.ts";
import type { AgentControl, ControlledSession } from "../agent-control.ts";
import { BridgeClient } from "./client.ts";
import { BridgeHistory } from "./history.ts";
import { BridgeRegistry } from "./registry.ts";
import { BridgeRequests } from "./requests.ts";
import { openBridgeSocket, type BridgeSocket } from "./socket.ts";
import { bridgeStateOf, type BridgePlace } from "./state.ts";

export interface BridgeServerParts {
  control: AgentControl;
  session: Pick<ControlledSession, "subscribe">;
  /** Absolute. */
  directory: string;
  settings: BridgeSettings;
  /** Of the pi that it is the bridge of. */
  pid: number;
  log: Log;
}

/** An extension in the same pi that is a bridge itself has begun by then, in milliseconds: this one gives way to it. */
const BEGIN_AFTER_MS = 300;
/** Events that tell of the session what no change of its state snapshot does. */
const TELLING = new Set(["session_start", "model_select", "thinking_level_select"]);
/** What changes together is written together, in milliseconds. */
const WRITE_AFTER_MS = 50;
const FULL = { type: "response", success: false, error: "This bridge has all the clients that it takes: close one." };

/** The bridge of one pi: its socket, its registry file and its clients. */
export class BridgeServer {
  readonly #parts: BridgeServerParts;
  readonly #place: BridgePlace;
  readonly #registry: BridgeRegistry;
  readonly #history: BridgeHistory;
  readonly #requests: BridgeRequests;
  readonly #clients = new Set<BridgeClient>();
  readonly #unsubscribe: (() => void)[];
  readonly #begin: NodeJS.Timeout;
  #heartbeat: NodeJS.Timeout | undefined;
  #socket: BridgeSocket | undefined;
  #soon: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  /** What the registry file says. */
  #written: string | undefined;
  #closing = false;
  /** The last trouble that was logged: it may last. */
  #trouble: string | undefined;

  constructor(parts: BridgeServerParts) {
    const { control, session, directory, settings, pid } = parts;
    const { log } = control.events;
    this.#parts = parts;
    this.#place = {
      pid,
      hostname: hostname(),
      socketPath: join(directory, `pi-${pid}.sock`),
      bridgeDir: directory,
      startedAt: new Date().toISOString(),
    };
    this.#registry = new BridgeRegistry(directory, pid);
    this.#history = new BridgeHistory(log, settings);
    this.#requests = new BridgeRequests({ control, history: this.#history, state: (reason) => this.#state(reason) });
    this.#unsubscribe = [
      log.subscribe(() => this.#noticeEvent()),
      session.subscribe(() => this.#noticeChange("session")),
    ];
    this.#begin = setTimeout(() => {
      void this.#keep("start");
      this.#heartbeat = setInterval(() => void this.#keep("heartbeat"), settings.heartbeatMs).unref();
    }, BEGIN_AFTER_MS).unref();
  }

  /** Tells the clients goodbye, and removes what is in the bridge directory of this pi. */
  async close(reason: string): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#begin);
    clearInterval(this.#heartbeat);
    clearTimeout(this.#soon);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#work;
    if (await this.#socket?.isOurs()) await this.#registry.remove();
    await this.#socket?.close();
    await Promise.all([...this.#clients].map((client) => client.close(reason)));
  }

  /**
   * Has the bridge be where clients look for it: at the beginning, and again when the name of its socket is gone or
   * the extension that had it has ended. While another one has it, that one is the bridge.
   */
  #keep(reason: string): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#closing) return;
      try {
        if (!(await this.#socket?.isOurs())) await this.#open();
        const state = this.#state(reason);
        await this.#registry.write(state);
        this.#written = contentOf(state);
        this.#trouble = undefined;
      } catch (error) {
        this.#say(error instanceof PisyncError ? error.message : String(error));
      }
    });
    return this.#work;
  }

  async #open(): Promise<void> {
    await this.#socket?.close();
    this.#socket = undefined;
    await this.#registry.open();
    this.#socket = await openBridgeSocket(this.#place.socketPath, {
      onConnection: (socket) => this.#accept(socket),
      refusal: `${JSON.stringify(FULL)}\n`,
    });
    this.#parts.log.info("bridge", { socket: this.#place.socketPath });
  }

  /** Without a bridge the session runs as before. */
  #say(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#parts.log.warn("bridge", { reason: trouble });
  }

  #accept(socket: Socket): void {
    const { control, settings } = this.#parts;
    const client = new BridgeClient({
      socket,
      log: control.events.log,
      history: this.#history,
      requests: this.#requests,
      maxLineBytes: settings.maxLineBytes,
      state: (reason) => this.#state(reason),
    });
    this.#clients.add(client);
    void client.closed.then(() => this.#clients.delete(client));
  }

  #noticeEvent(): void {
    for (const client of this.#clients) client.advance();
    const newest = this.#parts.control.events.log.kept.at(-1)?.event ?? "";
    if (TELLING.has(newest)) this.#noticeChange(newest);
  }

  /** Writes the registry file again if something in it is not true any more. */
  #noticeChange(reason: string): void {
    if (this.#socket === undefined) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      if (contentOf(this.#state(reason)) !== this.#written) void this.#keep(reason);
    }, WRITE_AFTER_MS).unref();
  }

  #state(reason: string): BridgeState {
    const { events, prompts } = this.#parts.control;
    return bridgeStateOf(events.snapshot(), this.#place, {
      running: prompts.running,
      waiting: prompts.list().queued.length > 0,
      now: Date.now(),
      reason,
    });
  }
}

function contentOf(state: BridgeState): string {
  return JSON.stringify({ ...state, updatedAt: undefined, lastReason: undefined });
}
