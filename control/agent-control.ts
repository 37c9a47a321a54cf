import type { AgentToHost } from "../protocol/agent-channel.ts";
import type { SessionId } from "../protocol/ids.ts";
import { MAX_PROMPT_REQUEST_BYTES, PromptQuery, PromptRequest, type Aborted } from "../protocol/prompts.ts";
import { AnswerRequest, type QuestionId } from "../protocol/questions.ts";
import type { Ending, HostState } from "../protocol/session.ts";
import type { Router } from "../runtime/http-router.ts";
import { parseValue } from "../runtime/json-file.ts";
import type { Log } from "../runtime/log.ts";
import type { StatePaths } from "../runtime/paths.ts";
import { AgentRequests } from "./agent-requests.ts";
import { PiBridge, type PiBridgeParts } from "./bridge/pi-bridge.ts";
import { PromptQueue } from "./prompt-queue.ts";
import { PromptStore } from "./prompt-store.ts";
import { QuestionLog } from "./question-log.ts";
import { openSessionEvents, type SessionEvents, type SessionEventsParts } from "./session-events.ts";
import { noExtension, tellAgent, type TellAgent } from "./tell-agent.ts";

/** What whoever has the agent's channel knows of the session: its host, or the daemon for a pi started without pisync. */
export interface ControlledSession {
  /** A state snapshot; without `size` where the terminal is nobody's here. */
  snapshot(): Omit<HostState, "size"> & Partial<Pick<HostState, "size">>;
  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export interface AgentControlParts extends SessionEventsParts {
  id: SessionId;
  paths: StatePaths;
  /** What prompts of other sessions that this process controls take of the room for those that wait, in bytes. */
  waitingElsewhere: () => number;
  log: Log;
  /** Where and how its pi has a bridge; absent for none. */
  bridge?: Pick<PiBridgeParts, "directory" | "settings"> | undefined;
}

/**
 * What programs read of a session and do with it: events, history, messages, prompts, questions. The same for a session
 * with a host and for a pi that was started without pisync.
 */
export class AgentControl {
  readonly events: SessionEvents;
  readonly prompts: PromptQueue;
  readonly requests: AgentRequests;
  readonly #session: ControlledSession;
  readonly #questionLog: QuestionLog;
  readonly #tell: TellAgent;
  readonly #bridge: PiBridge | undefined;

  /** Use openAgentControl(). */
  constructor({ id, paths, session, send, waitingElsewhere, log, bridge }: AgentControlParts, events: SessionEvents) {
    this.#session = session;
    this.events = events;
    this.#bridge = bridge && new PiBridge({ ...bridge, control: this, session, log });
    this.#tell = tellAgent(send, () => session.snapshot().record);
    this.requests = new AgentRequests(id, this.#tell);
    this.#questionLog = new QuestionLog((data) => events.append("question", data));
    this.prompts = new PromptQueue({
      store: new PromptStore(paths.promptsDirectory(id)),
      log,
      send,
      waitingElsewhere,
      conversation: () => session.snapshot().record.conversation?.id,
      requireReachable: () => {
        const { record, degraded } = session.snapshot();
        const silent = degraded !== undefined && degraded.reason !== "unsupported-version";
        if (record.agent !== "pi" || silent) throw noExtension(record);
      },
    });
  }

  /** Takes what the extension says, in its order, before anything is concluded from it. */
  receive(message: AgentToHost): void {
    if (message.type === "hello") this.#bridge?.start(message.pid);
    this.events.receive(message);
  }

  /** Takes what the extension said once its conversation is known to be this session's. */
  heed(message: AgentToHost): void {
    this.requests.receive(message);
    this.#questionLog.receive(message);
    this.prompts.receive(message);
  }

  disconnected(): void {
    this.requests.disconnected();
    this.prompts.disconnected();
  }

  /** Interrupts the run, and what waits for it. @throws PisyncError `no-extension`, `timed-out`. */
  async abort(): Promise<Aborted> {
    await this.prompts.interrupting();
    try {
      const aborted = await this.requests.abort();
      await this.prompts.interruptedRun(aborted);
      return aborted;
    } catch (error) {
      await this.prompts.interruptedRun({ running: false });
      throw error;
    }
  }

  /**
   * Answers a question, or rejects it without an answer.
   * @throws PisyncError `no-such-question`, `question-answered`, `bad-answer`, `no-extension`, `timed-out`.
   */
  async settle(id: QuestionId, answer?: AnswerRequest): Promise<void> {
    this.#questionLog.settling(id, answer === undefined ? "rejected" : "answered");
    try {
      await this.requests.settle(id, answer);
    } catch (error) {
      this.#questionLog.notSettled(id);
      throw error;
    }
  }

  /** Has the agent end, as when its user leaves it. @throws PisyncError `no-extension`. */
  shutdown(reason: string): void {
    this.#tell({ type: "shutdown", message: reason });
  }

  /** Adds the requests of protocol/events.ts, protocol/prompts.ts and protocol/questions.ts. */
  addRoutes(router: Router): Router {
    const { prompts, requests } = this;
    return this.events
      .addRoutes(router)
      .get("/v1/state", () => this.events.snapshot())
      .get("/v1/prompts", () => prompts.list())
      .post("/v1/prompts", async ({ body }) => prompts.accept(await body(PromptRequest, MAX_PROMPT_REQUEST_BYTES)))
      .get("/v1/prompts/:id", ({ params, query }) => {
        return prompts.get(params.id ?? "", parseValue(query, PromptQuery, "The query").wait);
      })
      .delete("/v1/prompts/:id", ({ params }) => prompts.cancel(params.id ?? ""))
      .post("/v1/abort", () => this.abort())
      .get("/v1/questions", () => requests.questions)
      .post("/v1/questions/:id/answer", async ({ params, body }) => {
        await this.settle(params.id ?? "", await body(AnswerRequest));
      })
      .post("/v1/questions/:id/reject", ({ params }) => this.settle(params.id ?? ""));
  }

  /**
   * What waits outlives a crash of an agent that had come so far as to open a conversation, saved or not, and no other
   * end. True when something is to be delivered by the next host.
   */
  async agentEnded({ isSaved, crashed, killed }: AgentEnd): Promise<boolean> {
    const isOpened = this.#session.snapshot().record.conversation !== undefined;
    if (!isSaved && (killed || !crashed || !isOpened)) await this.prompts.endAll(NOT_RESUMABLE);
    else if (!crashed && !killed) await this.prompts.endAll(AGENT_ENDED);
    await this.prompts.close();
    return this.prompts.owes;
  }

  /** Readers get what there is, and their streams end. Without an ending somebody else goes on with the session. */
  async close(ending?: Partial<Ending>): Promise<void> {
    await this.prompts.close();
    await this.#bridge?.close(ending?.cause ?? "ended");
    await this.events.close(ending);
  }
}

/** How the agent has ended. */
export interface AgentEnd {
  /** Its conversation can be gone back to. */
  isSaved: boolean;
  /** By a signal, or with an exit code. */
  crashed: boolean;
  /** Its user wanted it to end. */
  killed: boolean;
}

export const SESSION_ENDED = { outcome: "cancelled", reason: "The session was ended." } as const;
const AGENT_ENDED = { outcome: "cancelled", reason: "pi has ended." } as const;
const NOT_RESUMABLE = { outcome: "failed", reason: "The session ended, and cannot be resumed." } as const;

/** Takes up what the one before has left on disk. The session's directory exists. */
export async function openAgentControl(parts: AgentControlParts): Promise<AgentControl> {
  const events = await openSessionEvents(parts.paths.sessionDirectory(parts.id), parts);
  const control = new AgentControl(parts, events);
  await control.prompts.load({ sameAgent: !parts.begins });
  return control;
}
