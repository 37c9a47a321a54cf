import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { openAgentControl, type AgentControl } from "../../control/agent-control.ts";
import { bridgePlace } from "../../control/bridge/pi-bridge.ts";
import type { SessionEvents } from "../../control/session-events.ts";
import type { AgentToHost } from "../../protocol/agent-channel.ts";
import type { BridgeSettings } from "../../protocol/bridge-settings.ts";
import { ProcessIdentity, type SessionId } from "../../protocol/ids.ts";
import type { Hello } from "../../runtime/agent-connection.ts";
import { createRouter, type Router } from "../../runtime/http-router.ts";
import { readJsonFile, writeJsonFile } from "../../runtime/json-file.ts";
import type { Log } from "../../runtime/log.ts";
import type { StatePaths } from "../../runtime/paths.ts";
import { isAlive, startInstantOf } from "../../runtime/process-identity.ts";
import { ensurePrivateDirectory } from "../../runtime/secure-directory.ts";
import type { ExternalReport } from "./external-sessions.ts";
import { ExternalState, type ExternalAddress } from "./external-state.ts";

/** Smaller than a host's: the daemon has a log for each external pi. */
const LOG_BOUNDS = { historyBytes: 256 * 1024, spillBytes: 4 * 1024 * 1024 };

/** `sessions/<id>/external.json`: by this the next daemon knows whose prompts lie beside it. */
const ExternalFile = z.object({
  schemaVersion: z.literal(1),
  process: ProcessIdentity,
  /** Where its pi runs. */
  cwd: z.string().min(1).max(4096),
  /** Where its bridge is looked for; absent when it has none. */
  bridgeDirectory: z.string().startsWith("/").max(8192).optional(),
});
type ExternalFile = z.infer<typeof ExternalFile>;

export interface ExternalControlParts {
  id: SessionId;
  paths: StatePaths;
  log: Log;
  /** What waits for other sessions, in bytes. */
  waitingElsewhere: () => number;
  bridge: BridgeSettings;
}

/** What a process says of itself first. */
export interface ExternalStart {
  process: ProcessIdentity;
  cwd: string;
  hello: Hello;
}

/** What programs do with one pi that pisync did not start, from its first word until its process has ended. */
export class ExternalControl {
  readonly id: SessionId;
  readonly process: ProcessIdentity;
  readonly state: ExternalState;
  /** Answers the requests of control/agent-control.ts. */
  readonly router: Router;
  readonly #control: AgentControl;
  readonly #directory: string;

  /** Use beginExternalControl() or takeUpExternalControl(). */
  constructor(
    { id, process }: { id: SessionId; process: ProcessIdentity },
    state: ExternalState,
    control: AgentControl,
    directory: string,
  ) {
    this.id = id;
    this.process = process;
    this.state = state;
    this.router = control.addRoutes(createRouter());
    this.#control = control;
    this.#directory = directory;
  }

  get events(): SessionEvents {
    return this.#control.events;
  }

  get waitingBytes(): number {
    return this.#control.prompts.waitingBytes;
  }

  /** Takes what the extension says, in its order, before anything is concluded from it. */
  receive(message: AgentToHost): void {
    this.state.receive(message);
    this.#control.receive(message);
  }

  /** Takes what the extension said, and what it says of itself after that. */
  heed(message: AgentToHost, report: ExternalReport | undefined): void {
    this.state.take(report);
    this.#control.heed(message);
  }

  /** That connection is lost. */
  disconnected(address: ExternalAddress): void {
    if (this.state.disconnect(address)) this.#control.disconnected();
  }

  /** Its process has ended: what waits for it has its end, and nothing of it stays on disk. */
  async end(): Promise<void> {
    await this.#control.prompts.endAll(PI_ENDED);
    await this.#control.close({ interrupted: this.state.running });
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The next daemon goes on with it. */
  close(): Promise<void> {
    return this.#control.close();
  }
}

const PI_ENDED = { outcome: "failed", reason: "pi ended before it was delivered." } as const;

/** Begins to control that process. */
export async function beginExternalControl(
  parts: ExternalControlParts,
  { process, cwd, hello: { bridge } }: ExternalStart,
): Promise<ExternalControl> {
  const directory = parts.paths.sessionDirectory(parts.id);
  const env = { PI_BRIDGE_DIR: bridge?.named, TMPDIR: bridge?.temporary };
  const bridgeDirectory = bridge && bridgePlace(parts.bridge, { env, cwd })?.directory;
  const file: ExternalFile = { schemaVersion: 1, process, cwd, bridgeDirectory };
  await ensurePrivateDirectory(directory);
  await writeJsonFile(fileIn(directory), file);
  return open(parts, file, true);
}

/** Goes on where the daemon before ended; undefined, and nothing of it stays, when the process has ended since. */
export async function takeUpExternalControl(parts: ExternalControlParts): Promise<ExternalControl | undefined> {
  const directory = parts.paths.sessionDirectory(parts.id);
  const file = await readJsonFile(fileIn(directory), ExternalFile);
  if (file === undefined) return undefined;
  if (await isAlive(file.process)) return open(parts, file, false);
  await rm(directory, { recursive: true, force: true });
  return undefined;
}

async function open(
  { id, paths, log, waitingElsewhere, bridge: settings }: ExternalControlParts,
  { process, cwd, bridgeDirectory: directory }: ExternalFile,
  begins: boolean,
): Promise<ExternalControl> {
  const state = new ExternalState(id, cwd, startInstantOf(process));
  const send = state.send.bind(state);
  const bridge = settings.enabled && directory !== undefined ? { settings, directory } : undefined;
  const parts = { id, paths, session: state, send, begins, bounds: LOG_BOUNDS, waitingElsewhere, log, bridge };
  return new ExternalControl({ id, process }, state, await openAgentControl(parts), paths.sessionDirectory(id));
}

function fileIn(directory: string): string {
  return join(directory, "external.json");
}
