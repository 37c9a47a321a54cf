import type { ExtensionAPI, ExtensionContext } from "@earendil-works/pi-coding-agent";
import type { AgentChannel } from "./channel.ts";
import { ACTIVITY_CHANNEL, activityBroker } from "./events-activity.ts";
import { bounded } from "./events-bounded.ts";
import { Coalescer, type Delta } from "./events-coalescer.ts";
import { TypedMessages } from "./events-typed-messages.ts";

/** A state of a running tool is replaced by the next one within a moment: its ends are enough. */
const PARTIAL_CHARACTERS = 16 * 1024;

type Data = Record<string, unknown>;

/**
 * Publishes what happens in one session of pi for its event log, under pi's own names. Nothing here waits: each event
 * becomes one line, at most 256 KiB, for the channel to take when it can.
 */
export class EventPublisher {
  readonly #pi: ExtensionAPI;
  readonly #channel: AgentChannel;
  readonly #typed = new TypedMessages();
  readonly #coalescer: Coalescer;
  #speaks = false;
  #stopHearing: (() => void)[] = [];
  /** The error of the last model request of this run, which pi may be about to repeat. */
  #error: string | undefined;
  #attempt = 0;

  constructor(pi: ExtensionAPI, channel: AgentChannel) {
    this.#pi = pi;
    this.#channel = channel;
    this.#coalescer = new Coalescer({
      onDelta: (delta) => this.#send("message_update", { ...delta }),
      onPartial: (partial) => this.#send("tool_execution_update", partial, PARTIAL_CHARACTERS),
    });
  }

  /** `on` is pi's, with handlers that cannot disturb pi. */
  listen(on: ExtensionAPI["on"]): void {
    this.#listenToRuns(on);
    this.#listenToMessages(on);
    this.#listenToTools(on);
    this.#listenToSession(on);
  }

  start(reason: string, ctx: ExtensionContext): void {
    this.#speaks = true;
    const hear = (activity: unknown) => this.#publish("activity", asData(activity));
    this.#stopHearing = [activityBroker().subscribe(hear), this.#pi.events.on(ACTIVITY_CHANNEL, hear)];
    this.#publish("session_start", {
      reason,
      conversationId: ctx.sessionManager.getSessionId(),
      path: ctx.sessionManager.getSessionFile(),
      cwd: ctx.cwd,
      name: this.#pi.getSessionName(),
      model: modelName(ctx.model),
      thinkingLevel: this.#pi.getThinkingLevel(),
    });
  }

  stop(): void {
    this.#coalescer.close();
    for (const stop of this.#stopHearing) stop();
    this.#stopHearing = [];
    this.#speaks = false;
  }

  #listenToRuns(on: ExtensionAPI["on"]): void {
    on("input", ({ text, source, streamingBehavior, images }) => {
      this.#publish("input", { text, source, streamingBehavior, images: images?.length || undefined });
      if (this.#typed.typed(text, streamingBehavior)) this.#publishQueue();
    });
    on("before_agent_start", () => this.#forgetError());
    on("agent_start", () => {
      if (this.#error !== undefined) this.#publish("retry", { attempt: ++this.#attempt, error: this.#error });
      this.#error = undefined;
      this.#publish("agent_start", {});
    });
    on("agent_end", ({ messages }) => {
      this.#publish("agent_end", { messages: messages.length, ...lastAnswer(messages) });
    });
    on("agent_settled", () => {
      this.#forgetError();
      if (this.#typed.settled()) this.#publishQueue();
      this.#publish("agent_settled", {});
    });
    on("turn_start", ({ turnIndex }) => this.#publish("turn_start", { turnIndex }));
    on("turn_end", ({ turnIndex, toolResults }) => {
      this.#publish("turn_end", { turnIndex, toolResults: toolResults.length });
    });
    on("after_provider_response", ({ status }) => this.#publish("after_provider_response", { status }));
  }

  #listenToMessages(on: ExtensionAPI["on"]): void {
    on("message_start", ({ message }) => {
      // An answer is still empty here; the whole of anything else is in message_end too.
      this.#publish("message_start", { role: message.role });
      if (message.role === "user" && this.#typed.taken(message.content)) this.#publishQueue();
    });
    on("message_update", ({ assistantMessageEvent }) => {
      const delta = deltaOf(assistantMessageEvent);
      if (delta && this.#speaks) this.#coalescer.addDelta(delta);
    });
    on("message_end", ({ message }) => {
      if (message.role === "assistant" && message.stopReason === "error") this.#error = message.errorMessage ?? "";
      this.#publish("message_end", { message });
    });
  }

  #listenToTools(on: ExtensionAPI["on"]): void {
    on("tool_execution_start", ({ toolCallId, toolName, args }) => {
      this.#publish("tool_execution_start", { toolCallId, toolName, args: args as unknown });
    });
    on("tool_execution_update", ({ toolCallId, toolName, partialResult }) => {
      if (this.#speaks) this.#coalescer.addPartial({ toolCallId, toolName, partialResult: partialResult as unknown });
    });
    on("tool_execution_end", ({ toolCallId, toolName, result, isError }) => {
      this.#coalescer.forget(toolCallId);
      this.#publish("tool_execution_end", { toolCallId, toolName, result: result as unknown, isError });
    });
    on("user_bash", ({ command, excludeFromContext }) => {
      this.#publish("user_bash", { command, excludeFromContext });
    });
    on("ui_prompt_start", (prompt) => this.#publish("ui_prompt_start", { ...prompt, type: undefined }));
    on("ui_prompt_end", (prompt) => this.#publish("ui_prompt_end", { ...prompt, type: undefined }));
  }

  #listenToSession(on: ExtensionAPI["on"]): void {
    on("session_info_changed", () => this.#publish("session_info_changed", { name: this.#pi.getSessionName() }));
    on("session_before_compact", ({ reason, willRetry }) => {
      this.#publish("session_before_compact", { reason, willRetry });
    });
    on("session_compact", ({ reason, willRetry, compactionEntry, fromExtension }) => {
      const { summary, tokensBefore } = compactionEntry;
      this.#publish("session_compact", { reason, willRetry, fromExtension, summary, tokensBefore });
    });
    on("session_compact_failed", (failed) => this.#publish("session_compact_failed", { ...failed, type: undefined }));
    on("session_tree", ({ newLeafId, oldLeafId }) => this.#publish("session_tree", { newLeafId, oldLeafId }));
    on("model_select", ({ model, previousModel, source }) => {
      this.#publish("model_select", { model: modelName(model), previousModel: modelName(previousModel), source });
    });
    on("thinking_level_select", ({ level, previousLevel }) => {
      this.#publish("thinking_level_select", { level, previousLevel });
    });
    on("session_shutdown", (event) => {
      this.#publish("session_shutdown", { reason: (event as { reason?: unknown }).reason });
    });
  }

  #publishQueue(): void {
    this.#publish("queue", { queued: this.#typed.all });
  }

  #forgetError(): void {
    this.#error = undefined;
    this.#attempt = 0;
  }

  #publish(event: string, data: Data): void {
    if (!this.#speaks) return;
    this.#coalescer.flush();
    this.#send(event, data);
  }

  #send(event: string, data: Data, maxCharacters?: number): void {
    const { json, originalBytes } = bounded(data, maxCharacters);
    const cut = originalBytes === undefined ? "" : `,"originalBytes":${originalBytes}`;
    this.#channel.publish(`{"type":"event","event":"${event}","at":${Date.now()}${cut},"data":${json}}`);
  }
}

/** Structurally: an agent's own messages may have other roles. */
type Message = { role: string; stopReason?: unknown; content?: unknown };

/** What the run came to. */
function lastAnswer(messages: readonly object[]): { stopReason?: unknown; text?: string } {
  const answer = (messages as readonly Message[]).findLast(({ role }) => role === "assistant");
  if (answer === undefined) return {};
  const parts = (Array.isArray(answer.content) ? answer.content : []) as { type?: unknown; text?: unknown }[];
  const text = parts.flatMap((part) => (part.type === "text" && typeof part.text === "string" ? part.text : []));
  return { stopReason: answer.stopReason, text: text.join("") };
}

type Update = { type: string; contentIndex?: number; delta?: string };

/** Only the pieces: their starts and ends follow from them and from message_end. */
function deltaOf({ type, contentIndex = 0, delta }: Update): Delta | undefined {
  if (delta === undefined) return undefined;
  if (type === "text_delta") return { kind: "text", contentIndex, delta };
  if (type === "thinking_delta") return { kind: "thinking", contentIndex, delta };
  return type === "toolcall_delta" ? { kind: "toolcall", contentIndex, delta } : undefined;
}

function modelName(model: { provider: string; id: string } | undefined): string | undefined {
  return model && `${model.provider}/${model.id}`;
}

function asData(activity: unknown): Data {
  return typeof activity === "object" && activity !== null && !Array.isArray(activity)
    ? (activity as Data)
    : { text: typeof activity === "string" ? activity : JSON.stringify(activity) };
}
