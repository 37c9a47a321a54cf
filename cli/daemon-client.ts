import type * as z from "zod";
import {
  LaunchAnswer,
  type DaemonInfo,
  type LaunchRequest,
  type ResumeRequest,
  type TargetQuery,
} from "../protocol/daemon-api.ts";
import { SessionList, SessionSummary } from "../protocol/session.ts";
import { ensureDaemon } from "../runtime/ensure-daemon.ts";
import { requestJson } from "../runtime/http-client.ts";
import { statePaths } from "../runtime/paths.ts";
import { withProgress } from "./output.ts";

/** A launch waits for the host to report, and a kill for the child to end. */
const SLOW_REQUEST_MS = 40_000;

/** The daemon's API, as the commands use it. Every method rejects with the daemon's refusal as a PisyncError. */
export class DaemonClient {
  readonly info: DaemonInfo;

  private constructor(info: DaemonInfo) {
    this.info = info;
  }

  /** Connects to the daemon, and starts it first when there is none. @throws as `ensureDaemon`. */
  static async connect(): Promise<DaemonClient> {
    return new DaemonClient(await withProgress("Starting the pisync daemon", ensureDaemon(statePaths())));
  }

  list(): Promise<SessionList> {
    return this.#request("GET", "/v1/sessions", SessionList);
  }

  /** Exactly one session, or a refusal. */
  target(query: Partial<TargetQuery>): Promise<SessionSummary> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
    return this.#request("GET", `/v1/target?${parameters.toString()}`, SessionSummary);
  }

  launch(request: LaunchRequest): Promise<LaunchAnswer> {
    return withProgress("Starting the session", this.#request("POST", "/v1/launch", LaunchAnswer, request));
  }

  resume(id: string, request: ResumeRequest): Promise<LaunchAnswer> {
    return withProgress(
      "Resuming the session",
      this.#request("POST", `/v1/sessions/${id}/resume`, LaunchAnswer, request),
    );
  }

  /** Resolves after the end of the session's child. */
  kill(id: string): Promise<SessionSummary> {
    return withProgress("Ending the session", this.#request("POST", `/v1/sessions/${id}/kill`, SessionSummary, {}));
  }

  rename(id: string, name: string): Promise<SessionSummary> {
    return this.#request("POST", `/v1/sessions/${id}/rename`, SessionSummary, { name });
  }

  #request<S extends z.ZodType>(method: "GET" | "POST", path: string, schema: S, body?: unknown): Promise<z.output<S>> {
    return requestJson(this.info.socket, method, path, { schema, body, timeoutMs: SLOW_REQUEST_MS });
  }
}
