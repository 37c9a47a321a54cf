import * as z from "zod";
import {
  type DaemonInfo,
  LaunchAnswer,
  type MuteRequest,
  type ResumeRequest,
  ShowAnswer,
  type ShowRequest,
  type TargetQuery,
} from "../protocol/daemon-api.ts";
import { Explanation, IndexState, Preferences, SearchAnswer } from "../protocol/daemon-state.ts";
import {
  Aborted,
  MAX_WAIT_MS,
  PromptList,
  PromptRecord,
  type PromptId,
  type PromptRequest,
} from "../protocol/prompts.ts";
import { type AnswerRequest, QuestionList } from "../protocol/questions.ts";
import { CommandList, EventEnvelope, History, LogSnapshot, MessagePage, type EmitRequest } from "../protocol/events.ts";
import type { SearchQuery } from "../protocol/search.ts";
import { SessionList, SessionSummary } from "../protocol/session.ts";
import { ensureDaemon } from "../runtime/ensure-daemon.ts";
import {
  openEventStream,
  requestJson,
  type Method,
  type EventStream,
  type ServerEvent,
} from "../runtime/http-client.ts";
import { statePaths } from "../runtime/paths.ts";
import { withProgress } from "./output.ts";

/** A resume waits for the host to report, and a kill for the child to end. */
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
    return this.#request("GET", `/v1/target?${parametersOf(query)}`, SessionSummary);
  }

  search(query: SearchQuery): Promise<SearchAnswer> {
    return withProgress("Searching", this.#request("GET", `/v1/search?${parametersOf(query)}`, SearchAnswer));
  }

  explain(id: string): Promise<Explanation> {
    return this.#request("GET", `/v1/sessions/${id}/explanation`, Explanation);
  }

  /** How far the conversations on disk have been read. */
  index(): Promise<IndexState> {
    return this.#request("GET", "/v1/index", IndexState);
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

  dismiss(id: string, dismissed: boolean): Promise<SessionSummary> {
    return this.#request("POST", `/v1/sessions/${id}/dismiss`, SessionSummary, { dismissed });
  }

  mute(request: MuteRequest): Promise<Preferences> {
    return this.#request("POST", "/v1/mute", Preferences, request);
  }

  /** Shows a live session on a terminal that has a view already. */
  show(request: ShowRequest): Promise<ShowAnswer> {
    return this.#request("POST", "/v1/show", ShowAnswer, request);
  }

  /** Resolves when the session's host has the prompt on disk. */
  send(id: string, prompt: Partial<PromptRequest>): Promise<PromptRecord> {
    return withProgress("Sending", this.#request("POST", `/v1/sessions/${id}/prompts`, PromptRecord, prompt));
  }

  prompts(id: string): Promise<PromptList> {
    return this.#request("GET", `/v1/sessions/${id}/prompts`, PromptList);
  }

  /** The prompt as it is once it and its run are over, or as it is after 8 s. */
  async whenPromptOver(id: string, prompt: PromptId): Promise<PromptRecord> {
    return this.#request("GET", `/v1/sessions/${id}/prompts/${prompt}?wait=${MAX_WAIT_MS}`, PromptRecord);
  }

  cancelPrompt(id: string, prompt: string): Promise<PromptRecord> {
    return this.#request("DELETE", `/v1/sessions/${id}/prompts/${encodeURIComponent(prompt)}`, PromptRecord);
  }

  abort(id: string): Promise<Aborted> {
    return this.#request("POST", `/v1/sessions/${id}/abort`, Aborted, {});
  }

  questions(id: string): Promise<QuestionList> {
    return this.#request("GET", `/v1/sessions/${id}/questions`, QuestionList);
  }

  /** Without an answer the question is rejected. */
  async settleQuestion(id: string, question: string, answer?: AnswerRequest): Promise<void> {
    const verb = answer === undefined ? "reject" : "answer";
    const path = `/v1/sessions/${id}/questions/${encodeURIComponent(question)}/${verb}`;
    await this.#request("POST", path, z.unknown(), answer ?? {});
  }

  /** The state of a live session, as its host says it. */
  state(id: string): Promise<LogSnapshot> {
    return this.#request("GET", `/v1/sessions/${id}/state`, LogSnapshot);
  }

  history(id: string, query: object): Promise<History> {
    return this.#request("GET", `/v1/sessions/${id}/history?${parametersOf(query)}`, History);
  }

  messages(id: string, query: object): Promise<MessagePage> {
    return this.#request("GET", `/v1/sessions/${id}/messages?${parametersOf(query)}`, MessagePage);
  }

  commands(id: string): Promise<CommandList> {
    return this.#request("GET", `/v1/sessions/${id}/commands`, CommandList);
  }

  emit(id: string, request: Partial<EmitRequest>): Promise<EventEnvelope> {
    return this.#request("POST", `/v1/sessions/${id}/emit`, EventEnvelope, request);
  }

  /** Events of one session, or of all without an id, until the stream ends or is closed. */
  log(
    id: string | undefined,
    query: object,
    options: { onEvent: (event: ServerEvent) => void; lastEventId?: string | undefined },
  ): Promise<EventStream> {
    const path = id === undefined ? "/v1/log" : `/v1/sessions/${id}/log`;
    return openEventStream(this.info.socket, `${path}?${parametersOf(query)}`, options);
  }

  /** The state of all sessions, as it changes. */
  changes(onEvent: (event: ServerEvent) => void): Promise<EventStream> {
    return openEventStream(this.info.socket, "/v1/events", { onEvent });
  }

  #request<S extends z.ZodType>(method: Method, path: string, schema: S, body?: unknown): Promise<z.output<S>> {
    return requestJson(this.info.socket, method, path, { schema, body, timeoutMs: SLOW_REQUEST_MS });
  }
}

/** Without what is undefined. */
function parametersOf(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.toString();
}
