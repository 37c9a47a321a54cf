import type * as z from "zod";
import type {
  DaemonInfo,
  LaunchAnswer,
  LaunchRequest,
  MuteRequest,
  ResumeRequest,
  ShowAnswer,
  ShowRequest,
  TargetQuery,
} from "../protocol/daemon-api.ts";
import type { AgentList, Explanation, IndexState, Preferences, SearchAnswer } from "../protocol/daemon-state.ts";
import type { CommandList, EmitRequest, EventEnvelope, History, LogSnapshot, MessagePage } from "../protocol/events.ts";
import type { Aborted, PromptList, PromptRecord, PromptRequest } from "../protocol/prompts.ts";
import type { QuestionList } from "../protocol/questions.ts";
import type { SearchQuery } from "../protocol/search.ts";
import type { SessionList, SessionSummary, Size } from "../protocol/session.ts";
import { DAEMON_EXPECTATION } from "../runtime/daemon-expectation.ts";
import { launchEnvironment } from "../runtime/environment.ts";
import { PisyncError, systemErrorCode } from "../runtime/failure.ts";
import { requestText, type Method } from "../runtime/http-client.ts";
import { parseJson } from "../runtime/json-file.ts";
import { loadWhile } from "../runtime/load-while.ts";
import { statePaths, type StatePaths } from "../runtime/paths.ts";
import { ensureStateDirectories } from "../runtime/secure-directory.ts";
import { newSessionId } from "../runtime/session-id.ts";
import type { FollowLogOptions, LogFilter, LogItem } from "./follow-log.ts";
import type { StateItem } from "./follow-state.ts";
import { parametersOf, pathOf, type HistoryQuery, type PageQuery } from "./parameters.ts";
import { requestLaunch } from "./request-launch.ts";

// Making the schemas of all answers takes 30 ms and 3 MB, and who has a client needs a few of them.
const daemonApi = () => import("../protocol/daemon-api.ts");
const daemonState = () => import("../protocol/daemon-state.ts");
const events = () => import("../protocol/events.ts");
const prompts = () => import("../protocol/prompts.ts");
const questions = () => import("../protocol/questions.ts");
const sessions = () => import("../protocol/session.ts");

/** A launch and a resume wait for the host to report, and a kill for the child to end. */
const SLOW_REQUEST_MS = 40_000;
/** Of the screen, until a view attaches. */
const SIZE: Size = { cols: 120, rows: 40 };

/**
 * What a program does with sessions, through the daemon. Sessions are named by their whole ids; `target` finds one.
 * Every method rejects with the daemon's refusal as a PisyncError: its `code` is stable, `next` says what to do about
 * it. A daemon that was stopped or replaced meanwhile is started again.
 */
export class PisyncClient {
  readonly #paths: StatePaths;
  /** Of the daemon that acts on a request, when none was looked at before. */
  readonly #expect: string | undefined;

  private constructor(paths: StatePaths, expect?: string) {
    this.#paths = paths;
    this.#expect = expect;
  }

  /** For the sessions of `PISYNC_STATE_DIR`. Starts the daemon when there is none. @throws as `ensureDaemon`. */
  static async connect(): Promise<PisyncClient> {
    const client = new PisyncClient(statePaths());
    await client.daemon();
    return client;
  }

  /**
   * As `connect`, but the daemon is looked for only when it does not answer the first request, or is of another version:
   * a round trip less, and the code for it.
   */
  static async onDemand(): Promise<PisyncClient> {
    const paths = statePaths();
    await ensureStateDirectories(paths);
    return new PisyncClient(paths, DAEMON_EXPECTATION);
  }

  async daemon(): Promise<DaemonInfo> {
    const { ensureDaemon } = await import("../runtime/ensure-daemon.ts");
    return ensureDaemon(this.#paths);
  }

  list(): Promise<SessionList> {
    return this.#request("GET", "/v1/sessions", schemaIn(sessions, "SessionList"));
  }

  /** Exactly one session, or a refusal. */
  target(query: Partial<TargetQuery>): Promise<SessionSummary> {
    return this.#request("GET", `/v1/target?${parametersOf(query)}`, schemaIn(sessions, "SessionSummary"));
  }

  search(query: { q: string } & Partial<SearchQuery>): Promise<SearchAnswer> {
    return this.#request("GET", `/v1/search?${parametersOf(query)}`, schemaIn(daemonState, "SearchAnswer"));
  }

  explain(session: string): Promise<Explanation> {
    return this.#request("GET", pathOf(session, "explanation"), schemaIn(daemonState, "Explanation"));
  }

  /** How far the conversations on disk have been read. */
  index(): Promise<IndexState> {
    return this.#request("GET", "/v1/index", schemaIn(daemonState, "IndexState"));
  }

  /** Which agents can be launched here. */
  agents(): Promise<AgentList> {
    return this.#request("GET", "/v1/agents", schemaIn(daemonState, "AgentList"));
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
    return this.#request("POST", pathOf(session, "resume"), schemaIn(daemonApi, "LaunchAnswer"), {
      ...unviewed(),
      ...request,
    });
  }

  /** Resolves after the end of the session's child. */
  kill(session: string): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "kill"), schemaIn(sessions, "SessionSummary"), {});
  }

  rename(session: string, name: string): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "rename"), schemaIn(sessions, "SessionSummary"), { name });
  }

  dismiss(session: string, dismissed: boolean): Promise<SessionSummary> {
    return this.#request("POST", pathOf(session, "dismiss"), schemaIn(sessions, "SessionSummary"), { dismissed });
  }

  mute(request: MuteRequest): Promise<Preferences> {
    return this.#request("POST", "/v1/mute", schemaIn(daemonState, "Preferences"), request);
  }

  /** Shows a live session on a terminal that has a view already. */
  show(request: ShowRequest): Promise<ShowAnswer> {
    return this.#request("POST", "/v1/show", schemaIn(daemonApi, "ShowAnswer"), request);
  }

  /** Resolves when the session's host has the prompt on disk. The same `id` again is the same prompt. */
  send(session: string, prompt: { text: string } & Partial<PromptRequest>): Promise<PromptRecord> {
    return this.#request("POST", pathOf(session, "prompts"), schemaIn(prompts, "PromptRecord"), prompt);
  }

  prompts(session: string): Promise<PromptList> {
    return this.#request("GET", pathOf(session, "prompts"), schemaIn(prompts, "PromptList"));
  }

  prompt(session: string, prompt: string): Promise<PromptRecord> {
    return this.#request("GET", pathOf(session, "prompts", prompt), schemaIn(prompts, "PromptRecord"));
  }

  /** Resolves once the prompt, and the run that it came into, are over. @throws the reason of `signal`. */
  async waitForPrompt(
    session: string,
    prompt: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<PromptRecord> {
    const { MAX_WAIT_MS } = await prompts();
    const path = `${pathOf(session, "prompts", prompt)}?wait=${MAX_WAIT_MS}`;
    for (;;) {
      const record = await this.#request("GET", path, schemaIn(prompts, "PromptRecord"), undefined, signal);
      if (record.endedAt !== undefined && record.run !== "going") return record;
    }
  }

  cancelPrompt(session: string, prompt: string): Promise<PromptRecord> {
    return this.#request("DELETE", pathOf(session, "prompts", prompt), schemaIn(prompts, "PromptRecord"));
  }

  /** Interrupts the run, as Esc does. */
  abort(session: string): Promise<Aborted> {
    return this.#request("POST", pathOf(session, "abort"), schemaIn(prompts, "Aborted"), {});
  }

  questions(session: string): Promise<QuestionList> {
    return this.#request("GET", pathOf(session, "questions"), schemaIn(questions, "QuestionList"));
  }

  /** The first answer counts; what one has to be, docs/protocol.md says for each kind of question. */
  async answer(session: string, question: string, answer: unknown): Promise<void> {
    await this.#ask("POST", pathOf(session, "questions", question, "answer"), { answer });
  }

  async reject(session: string, question: string): Promise<void> {
    await this.#ask("POST", pathOf(session, "questions", question, "reject"), {});
  }

  /** The state of a live session, as its host says it. */
  state(session: string): Promise<LogSnapshot> {
    return this.#request("GET", pathOf(session, "state"), schemaIn(events, "LogSnapshot"));
  }

  /** The newest events that are kept. */
  history(session: string, { maxBytes, ...query }: HistoryQuery = {}): Promise<History> {
    const parameters = parametersOf({ ...query, "max-bytes": maxBytes });
    return this.#request("GET", `${pathOf(session, "history")}?${parameters}`, schemaIn(events, "History"));
  }

  /** The messages of the conversation, as pi has them. */
  messages(session: string, query: PageQuery = {}): Promise<MessagePage> {
    return this.#request(
      "GET",
      `${pathOf(session, "messages")}?${parametersOf(query)}`,
      schemaIn(events, "MessagePage"),
    );
  }

  commands(session: string): Promise<CommandList> {
    return this.#request("GET", pathOf(session, "commands"), schemaIn(events, "CommandList"));
  }

  /** Puts an event into the log, for its readers and never for the conversation. */
  emit(session: string, request: Partial<EmitRequest>): Promise<EventEnvelope> {
    return this.#request("POST", pathOf(session, "emit"), schemaIn(events, "EventEnvelope"), request);
  }

  /**
   * What happens in a session, from now on or behind `after`, to its end, over restarts of the daemon. No more is read
   * than is taken; who is too slow is told of a gap.
   */
  async *followLog(session: string, options: FollowLogOptions = {}): AsyncGenerator<LogItem, void, void> {
    const { followLog } = await import("./follow-log.ts");
    yield* followLog(this.#paths, session, options);
  }

  /** What happens in all live sessions, from now on. */
  async *followLogs(options: LogFilter = {}): AsyncGenerator<Exclude<LogItem, { type: "snapshot" }>, void, void> {
    const { followLogs } = await import("./follow-log.ts");
    yield* followLogs(this.#paths, options);
  }

  /** The list of sessions, as it changes. */
  async *followState(options: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<StateItem, void, void> {
    const { followState } = await import("./follow-state.ts");
    yield* followState(this.#paths, options);
  }

  async #request<S extends z.ZodType>(
    method: Method,
    path: string,
    schema: () => Promise<S>,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<z.output<S>> {
    const answer = this.#ask(method, path, body, signal);
    await loadWhile(answer, schema);
    return parseJson(await answer, await schema(), `The answer to ${method} ${path}`);
  }

  async #ask(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<string> {
    const options = {
      body,
      timeoutMs: SLOW_REQUEST_MS,
      ...(signal && { signal }),
      ...(this.#expect !== undefined && { expect: this.#expect }),
    };
    const ask = () => requestText(this.#paths.daemonSocket, method, path, options);
    try {
      return await ask();
    } catch (error) {
      if (!wasNotHeeded(method, error)) throw error;
      await this.daemon();
      return ask();
    }
  }
}

/** The schema of an answer, loaded while that is waited for. */
function schemaIn<M, Name extends keyof M>(load: () => Promise<M>, name: Name): () => Promise<M[Name]> {
  return async () => (await load())[name];
}

function unviewed(): ResumeRequest {
  return { env: launchEnvironment(process.env), size: SIZE, expectsView: false };
}

/** No daemon has done what was asked for, or it changed nothing. */
function wasNotHeeded(method: Method, error: unknown): boolean {
  if (!(error instanceof PisyncError) || error.code !== "daemon-unreachable") return false;
  return method === "GET" || ["ENOENT", "ECONNREFUSED"].includes(systemErrorCode(error.cause) ?? "");
}
