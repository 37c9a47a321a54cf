import * as z from "zod";
import {
  type DaemonInfo,
  LaunchAnswer,
  type LaunchRequest,
  type MuteRequest,
  type ResumeRequest,
  ShowAnswer,
  type ShowRequest,
  type TargetQuery,
} from "../protocol/daemon-api.ts";
import { AgentList, Explanation, IndexState, Preferences, SearchAnswer } from "../protocol/daemon-state.ts";
import { CommandList, EventEnvelope, History, LogSnapshot, MessagePage, type EmitRequest } from "../protocol/events.ts";
import { Aborted, MAX_WAIT_MS, PromptList, PromptRecord, type PromptRequest } from "../protocol/prompts.ts";
import { QuestionList } from "../protocol/questions.ts";
import type { SearchQuery } from "../protocol/search.ts";
import { SessionList, SessionSummary, type Size } from "../protocol/session.ts";
import { ensureDaemon } from "../runtime/ensure-daemon.ts";
import { launchEnvironment } from "../runtime/environment.ts";
import { PisyncError, systemErrorCode } from "../runtime/failure.ts";
import { requestJson, type Method } from "../runtime/http-client.ts";
import { statePaths, type StatePaths } from "../runtime/paths.ts";
import { newSessionId } from "../runtime/session-id.ts";
import { followLog, followLogs, type FollowLogOptions, type LogFilter, type LogItem } from "./follow-log.ts";
import { followState, type StateItem } from "./follow-state.ts";
import { parametersOf } from "./parameters.ts";
import { requestLaunch } from "./request-launch.ts";

/** A launch and a resume wait for the host to report, and a kill for the child to end. */
const SLOW_REQUEST_MS = 40_000;
/** Of the screen, until a view attaches. */
const SIZE: Size = { cols: 120, rows: 40 };

export interface HistoryQuery {
  event?: readonly string[] | undefined;
  /** Whole events instead of compact ones. */
  raw?: boolean | undefined;
  /** The newest ones. */
  limit?: number | undefined;
  /** ISO 8601, or milliseconds since the epoch. */
  since?: string | number | undefined;
  /** Events behind this `seq`. */
  after?: number | undefined;
  maxBytes?: number | undefined;
}

export interface PageQuery {
  /** Of the first message wanted, counted from the oldest, 0; without it the newest page is answered. */
  offset?: number | undefined;
  limit?: number | undefined;
}

/**
 * What a program does with sessions, through the daemon. Sessions are named by their whole ids; `target` finds one.
 * Every method rejects with the daemon's refusal as a PisyncError: its `code` is stable, `next` says what to do about
 * it. A daemon that was stopped or replaced meanwhile is started again.
 */
export class PisyncClient {
  readonly #paths: StatePaths;

  private constructor(paths: StatePaths) {
    this.#paths = paths;
  }

  /** For the sessions of `PISYNC_STATE_DIR`. Starts the daemon when there is none. @throws as `ensureDaemon`. */
  static async connect(): Promise<PisyncClient> {
    const client = new PisyncClient(statePaths());
    await client.daemon();
    return client;
  }

  daemon(): Promise<DaemonInfo> {
    return ensureDaemon(this.#paths);
  }

  list(): Promise<SessionList> {
    return this.#request("GET", "/v1/sessions", SessionList);
  }

  /** Exactly one session, or a refusal. */
  target(query: Partial<TargetQuery>): Promise<SessionSummary> {
    return this.#request("GET", `/v1/target?${parametersOf(query)}`, SessionSummary);
  }

  search(query: { q: string } & Partial<SearchQuery>): Promise<SearchAnswer> {
    return this.#request("GET", `/v1/search?${parametersOf(query)}`, SearchAnswer);
  }

  explain(session: string): Promise<Explanation> {
    return this.#request("GET", pathOf(session, "explanation"), Explanation);
  }

  /** How far the conversations on disk have been read. */
  index(): Promise<IndexState> {
    return this.#request("GET", "/v1/index", IndexState);
  }

  /** Which agents can be launched here. */
  agents(): Promise<AgentList> {
    return this.#request("GET", "/v1/agents", AgentList);
  }

  /**
   * Starts a session: of pi in this process's directory and environment unless told, with nobody to view it. `attached`
   * means that the conversation asked for was live already.
   */
  launch(request: Partial<LaunchRequest> = {}): Promise<LaunchAnswer> {
    const pi = { agent: "pi", argv: ["pi"], cwd: process.cwd() } satisfies Partial<LaunchRequest>;
    return requestLaunch(this.#paths, { id: newSessionId(), ...pi, ...unviewed(), ...request });
  }

  /** Starts what has ended again, in this process's environment unless told. */
  resume(session: string, request: Partial<ResumeRequest> = {}): Promise<LaunchAnswer> {
    return this.#request("POST", pathOf(session, "resume"), LaunchAnswer, { ...unviewed(), ...request });
  }

  /** Resolves after the end of the session's child. */
  kill(session: string): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "kill"), SessionSummary, {});
  }

  rename(session: string, name: string): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "rename"), SessionSummary, { name });
  }

  dismiss(session: string, dismissed: boolean): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "dismiss"), SessionSummary, { dismissed });
  }

  mute(request: MuteRequest): Promise<Preferences> {
    return this.#request("POST", "/v1/mute", Preferences, request);
  }

  /** Shows a live session on a terminal that has a view already. */
  show(request: ShowRequest): Promise<ShowAnswer> {
    return this.#request("POST", "/v1/show", ShowAnswer, request);
  }

  /** Resolves when the session's host has the prompt on disk. The same `id` again is the same prompt. */
  send(session: string, prompt: { text: string } & Partial<PromptRequest>): Promise<PromptRecord> {
    return this.#request("POST", pathOf(session, "prompts"), PromptRecord, prompt);
  }

  prompts(session: string): Promise<PromptList> {
    return this.#request("GET", pathOf(session, "prompts"), PromptList);
  }

  prompt(session: string, prompt: string): Promise<PromptRecord> {
    return this.#request("GET", pathOf(session, "prompts", prompt), PromptRecord);
  }

  /** Resolves once the prompt, and the run that it came into, are over. @throws the reason of `signal`. */
  async waitForPrompt(
    session: string,
    prompt: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<PromptRecord> {
    const path = `${pathOf(session, "prompts", prompt)}?wait=${MAX_WAIT_MS}`;
    for (;;) {
      const record = await this.#request("GET", path, PromptRecord, undefined, signal);
      if (record.endedAt !== undefined && record.run !== "going") return record;
    }
  }

  cancelPrompt(session: string, prompt: string): Promise<PromptRecord> {
    return this.#request("DELETE", pathOf(session, "prompts", prompt), PromptRecord);
  }

  /** Interrupts the run, as Esc does. */
  abort(session: string): Promise<Aborted> {
    return this.#request("POST", pathOf(session, "abort"), Aborted, {});
  }

  questions(session: string): Promise<QuestionList> {
    return this.#request("GET", pathOf(session, "questions"), QuestionList);
  }

  /** The first answer counts; what one has to be, docs/protocol.md says for each kind of question. */
  async answer(session: string, question: string, answer: unknown): Promise<void> {
    await this.#request("POST", pathOf(session, "questions", question, "answer"), z.unknown(), { answer });
  }

  async reject(session: string, question: string): Promise<void> {
    await this.#request("POST", pathOf(session, "questions", question, "reject"), z.unknown(), {});
  }

  /** The state of a live session, as its host says it. */
  state(session: string): Promise<LogSnapshot> {
    return this.#request("GET", pathOf(session, "state"), LogSnapshot);
  }

  /** The newest events that are kept. */
  history(session: string, { maxBytes, ...query }: HistoryQuery = {}): Promise<History> {
    const parameters = parametersOf({ ...query, "max-bytes": maxBytes });
    return this.#request("GET", `${pathOf(session, "history")}?${parameters}`, History);
  }

  /** The messages of the conversation, as pi has them. */
  messages(session: string, query: PageQuery = {}): Promise<MessagePage> {
    return this.#request("GET", `${pathOf(session, "messages")}?${parametersOf(query)}`, MessagePage);
  }

  commands(session: string): Promise<CommandList> {
    return this.#request("GET", pathOf(session, "commands"), CommandList);
  }

  /** Puts an event into the log, for its readers and never for the conversation. */
  emit(session: string, request: Partial<EmitRequest>): Promise<EventEnvelope> {
    return this.#request("POST", pathOf(session, "emit"), EventEnvelope, request);
  }

  /**
   * What happens in a session, from now on or behind `after`, to its end, over restarts of the daemon. No more is read
   * than is taken; who is too slow is told of a gap.
   */
  followLog(session: string, options: FollowLogOptions = {}): AsyncGenerator<LogItem, void, void> {
    return followLog(this.#paths, session, options);
  }

  /** What happens in all live sessions, from now on. */
  followLogs(options: LogFilter = {}): AsyncGenerator<Exclude<LogItem, { type: "snapshot" }>, void, void> {
    return followLogs(this.#paths, options);
  }

  /** The list of sessions, as it changes. */
  followState(options: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<StateItem, void, void> {
    return followState(this.#paths, options);
  }

  async #request<S extends z.ZodType>(
    method: Method,
    path: string,
    schema: S,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<z.output<S>> {
    const options = { schema, body, timeoutMs: SLOW_REQUEST_MS, ...(signal && { signal }) };
    const ask = () => requestJson(this.#paths.daemonSocket, method, path, options);
    try {
      return await ask();
    } catch (error) {
      if (!wasNotHeeded(method, error)) throw error;
      await ensureDaemon(this.#paths);
      return ask();
    }
  }
}

function pathOf(...segments: string[]): string {
  return `/v1/sessions/${segments.map(encodeURIComponent).join("/")}`;
}

function unviewed(): ResumeRequest {
  return { env: launchEnvironment(process.env), size: SIZE, expectsView: false };
}

/** No daemon has done what was asked for, or it changed nothing. */
function wasNotHeeded(method: Method, error: unknown): boolean {
  if (!(error instanceof PisyncError) || error.code !== "daemon-unreachable") return false;
  return method === "GET" || ["ENOENT", "ECONNREFUSED"].includes(systemErrorCode(error.cause) ?? "");
}
