import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { HostLaunch, HostReport } from "../protocol/host-launch.ts";
import type { Ending } from "../protocol/session.ts";
import type { Config } from "../runtime/config.ts";
import { ConversationLeases, heldSentence, sessionKey } from "../runtime/conversation-leases.ts";
import { PisyncError } from "../runtime/failure.ts";
import type { UnixServer } from "../runtime/http-server.ts";
import type { LeaseHolder } from "../runtime/lease.ts";
import type { Log } from "../runtime/log.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { ensurePrivateDirectory } from "../runtime/secure-directory.ts";
import { identityOf, ownIdentity } from "../runtime/process-identity.ts";
import { canResumeConversation } from "../runtime/resumable.ts";
import { lastWords } from "./last-words.ts";
import { titleOf } from "../runtime/titles.ts";
import { PACKAGE_VERSION } from "../runtime/version.ts";
import type { AgentControl } from "../control/agent-control.ts";
import { bridgePlace } from "../control/bridge/pi-bridge.ts";
import type { AgentChannel } from "./agent-channel.ts";
import { AgentSession } from "./agent-session.ts";
import { childEnvironment } from "./child-environment.ts";
import { Pty, type PtyExit } from "./pty.ts";
import { LiveStatus } from "./live-status.ts";
import { nameToTell, recordAtStart } from "./first-record.ts";
import { requireDirectory } from "./require-directory.ts";
import { SessionState } from "./session-state.ts";
import { showStatusInTitle } from "./status-title.ts";
import type { Terminal } from "./terminal.ts";

/** The launcher's view may come this late to a child that has exited already. */
const LATE_VIEW_MS = 5_000;
/** Of the screen, where the last words of a program that failed are looked for. */
const LAST_BYTES = 16 * 1024;
const DEFAULT_GRACE_MS = 3_000;

/** One lifetime of a session: claims, starts, serves and ends it. */
export class Host {
  /** Resolves when everything is closed and the record says how it ended. */
  readonly ended: Promise<void>;
  readonly #launch: HostLaunch;
  readonly #paths: StatePaths;
  readonly #log: Log;
  readonly #socketPath: string;
  readonly #token = randomUUID();
  #state!: SessionState;
  #status!: LiveStatus;
  #leases!: ConversationLeases;
  #agent!: AgentSession;
  #channel!: AgentChannel;
  #control!: AgentControl;
  #pty!: Pty;
  #terminal!: Terminal;
  #server: UnixServer | undefined;
  #ready = false;
  #exit: PtyExit | undefined;
  #killed = false;
  #killTimers: NodeJS.Timeout[] = [];
  #resolveEnded!: () => void;

  constructor(launch: HostLaunch, paths: StatePaths, log: Log) {
    this.#launch = launch;
    this.#paths = paths;
    this.#log = log;
    this.#socketPath = paths.hostSocket(launch.id, launch.generation);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /**
   * Claims the conversation, starts the child and serves. Resolves with the report for the daemon; after
   * `held`, `ended` is resolved too and nothing was started.
   * @throws PisyncError `cwd-missing`, `launch-failed`, `unsafe-directory`, `state-not-writable`.
   */
  async start(config: Config): Promise<HostReport> {
    const process = await ownIdentity();
    const { id, generation } = this.#launch;
    const holder: LeaseHolder = { process, session: id, generation, socket: this.#socketPath };
    this.#leases = new ConversationLeases(this.#paths.leasesDirectory, holder);
    const held = await this.#claimConversation();
    if (held) {
      await this.#leases.close();
      this.#resolveEnded();
      return held;
    }
    try {
      await this.#startChild(config, process);
    } catch (error) {
      await this.#leases.close();
      throw error;
    }
    return { outcome: "ready", record: this.#state.record };
  }

  /** Ends the child: SIGTERM, SIGHUP for what ignores that, SIGKILL after `graceMs`. */
  kill(graceMs: number = DEFAULT_GRACE_MS): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#pty.signal("SIGTERM");
    const later = (signal: NodeJS.Signals, delayMs: number) =>
      this.#killTimers.push(setTimeout(() => this.#pty.signal(signal), delayMs));
    later("SIGHUP", Math.min(500, graceMs / 2));
    later("SIGKILL", graceMs);
  }

  async #claimConversation(): Promise<HostReport | undefined> {
    for (const key of [sessionKey(this.#launch.id), ...this.#launch.conversationKeys]) {
      const holder = await this.#leases.claim(key);
      if (!holder) continue;
      if (!holder.session || !holder.socket) throw new PisyncError("conversation-held", heldSentence(holder));
      return { outcome: "held", key, holder: { session: holder.session, socket: holder.socket } };
    }
    return undefined;
  }

  /** The child starts first and loads while the emulator and the server do. */
  async #startChild(config: Config, process: LeaseHolder["process"]): Promise<void> {
    const launch = this.#launch;
    await requireDirectory(launch.cwd);
    await ensurePrivateDirectory(this.#paths.sessionDirectory(launch.id));
    this.#pty = this.#spawn();
    const address = { process, child: await identityOf(this.#pty.pid), socket: this.#socketPath };
    const record = recordAtStart(launch, address, Date.now());
    const terminalFacts = { views: [], size: launch.size };
    this.#state = new SessionState(this.#paths.sessionRecord(launch.id), record, terminalFacts, this.#log);
    this.#status = new LiveStatus(launch.agent, this.#state, {
      watched: () => this.#terminal.views.watched,
      onLost: () => this.#agent.extensionLost(),
    });
    if (launch.degraded) {
      this.#status.degraded();
      this.#state.setDegraded(launch.degraded);
    }
    await this.#serve(config);
    this.#state.updateRecord({});
    await this.#state.saved();
    this.#pty.resume();
    this.#ready = true;
    if (launch.expectsExtension) this.#agent.expectExtension();
    this.#log.info("started", { session: launch.id, generation: launch.generation, child: this.#pty.pid });
    if (this.#exit) void this.#finish(this.#exit);
  }

  #spawn(): Pty {
    const { file, args, cwd, env, size, id, agent } = this.#launch;
    const identity = {
      session: id,
      hostSocket: this.#socketPath,
      agentToken: agent === "pi" ? this.#token : undefined,
      stateDirectory: this.#paths.stateDirectory,
    };
    return new Pty(
      { file, args, cwd, env: childEnvironment(env, cwd, identity), size },
      {
        onData: (chunk) => this.#terminal.receive(chunk),
        onDrain: () => this.#terminal.views.resumeInput(),
        onExit: (exit) => {
          this.#exit = exit;
          if (this.#ready) void this.#finish(exit);
        },
      },
    );
  }

  async #serve(config: Config): Promise<void> {
    const { AgentChannel, openAgentControl, serveHostApi, SESSION_ENDED, Terminal } = await import("./serving.ts");
    const state = this.#state;
    this.#terminal = new Terminal(
      this.#pty,
      { size: this.#launch.size, scrollback: config.scrollback, sizePolicy: config.size },
      {
        onChange: () => state.announce(),
        onViewed: () => this.#status.viewed(),
        welcome: () => this.#welcome(),
      },
    );
    const { views, screen } = this.#terminal;
    if (this.#launch.agent === "pi") screen.onProgramStatus = (report) => this.#status.screenSaid(report);
    screen.onParseError = (error) => this.#log.error("output-not-parsed", { reason: String(error) });
    state.terminalFacts = () => ({ views: views.list, size: screen.size });
    if (config.statusInTitle) showStatusInTitle(state, this.#terminal, this.#launch.env);
    this.#agent = new AgentSession({
      state,
      status: this.#status,
      leases: this.#leases,
      channel: () => this.#channel,
      log: this.#log,
      onHandled: (message) => this.#control.heed(message),
      onHeldElsewhere: (holder) => this.#giveWay(holder),
    });
    this.#control = await openAgentControl({
      id: this.#launch.id,
      paths: this.#paths,
      session: state,
      send: (message) => this.#channel.send(message),
      begins: true,
      bounds: { historyBytes: config.bridge.maxHistoryBytes, spillBytes: config.bridge.maxRawSpillBytes },
      waitingElsewhere: () => 0,
      log: this.#log,
      bridge: bridgePlace(config.bridge, this.#launch),
    });
    this.#channel = new AgentChannel(this.#launch.id, this.#token, {
      onMessage: (message) => {
        this.#control.receive(message);
        this.#agent.receive(message);
      },
      onDisconnect: () => {
        this.#status.extensionLeft();
        this.#control.disconnected();
      },
    });
    this.#server = await serveHostApi(this.#socketPath, {
      state,
      views,
      screen,
      channel: this.#channel,
      control: this.#control,
      log: this.#log,
      onKill: (graceMs) => {
        void this.#control.prompts.endAll(SESSION_ENDED).finally(() => this.kill(graceMs));
      },
      onRename: (name) => this.#rename(name),
      onLooked: (request) => this.#status.looked(request),
      onAttribution: (request) => this.#agent.attribute(request),
    });
  }

  #welcome() {
    const { title, titleSource } = titleOf(this.#state.record);
    return {
      type: "welcome" as const,
      protocol: PROTOCOL_VERSION,
      version: PACKAGE_VERSION,
      session: this.#launch.id,
      title,
      ...(titleSource === "name" ? { name: title } : {}),
      size: this.#terminal.screen.size,
    };
  }

  /** pi keeps the name in its conversation; the extension is told now, or when it is there. */
  #rename(name: string): void {
    const told = this.#channel.send({ type: "set-name", name });
    this.#state.updateRecord({ name, ...nameToTell(this.#launch.agent, !told) });
  }

  /** The conversation just opened is live elsewhere: its views go there and this child ends. */
  #giveWay(holder: LeaseHolder): void {
    const message = heldSentence(holder);
    this.#log.info("gives-way", { session: holder.session });
    if (holder.session && holder.socket) {
      this.#terminal.views.switchAll({
        type: "switch",
        session: holder.session,
        socket: holder.socket,
        reason: `That conversation is live in session ${holder.session}: showing it.`,
      });
    }
    this.#channel.send({ type: "shutdown", message });
    this.kill();
  }

  async #finish(exit: PtyExit): Promise<void> {
    for (const timer of this.#killTimers) clearTimeout(timer);
    this.#agent.close();
    this.#status.close();
    const interrupted = this.#launch.agent === "pi" && this.#status.running;
    const cause = this.#killed ? "killed" : "exited";
    const at = Date.now();
    const state = interrupted ? "interrupted" : "exited";
    this.#state.setStatus({ state, since: at, source: "process" }, { running: false });
    await this.#terminal.drain();
    const failed = cause === "exited" && exit.exitCode !== 0 && exit.signal === undefined;
    const error = failed ? lastWords(this.#terminal.screen.plainText({ maxBytes: LAST_BYTES })) : undefined;
    const ending: Ending = { at, cause, ...exit, interrupted, ...(error === undefined ? {} : { error }) };
    if (this.#launch.expectsView) await this.#terminal.views.waitForFirstView(LATE_VIEW_MS);
    const isSaved = this.#launch.agent === "pi" && (await canResumeConversation(this.#state.record));
    const crashed = exit.exitCode !== 0 || exit.signal !== undefined;
    const owed = await this.#control.agentEnded({ isSaved, crashed, killed: this.#killed });
    const resumable = isSaved || owed;
    await this.#terminal.views.finish({ type: "exit", ...exit, cause, resumable });
    await this.#leases.close();
    this.#state.updateRecord({ ending, host: undefined });
    await this.#state.saved();
    await this.#control.close(ending);
    await this.#terminal.views.whenGone();
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#channel.close();
    await this.#server?.close();
    this.#terminal.close();
    await rm(this.#socketPath, { force: true });
    this.#log.info("ended", { session: this.#launch.id, exitCode: this.#exit?.exitCode, signal: this.#exit?.signal });
    this.#resolveEnded();
  }
}
