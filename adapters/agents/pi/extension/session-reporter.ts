import type { ExtensionAPI, ExtensionContext } from "@earendil-works/pi-coding-agent";
import type { AgentToHost, HostToAgent } from "../../../../protocol/agent-channel.ts";
import type { AgentChannel } from "./channel.ts";
import { firstMessageOf, headerId, MAX_TEXT_CHARACTERS, textOf } from "./conversation.ts";
import { OpenDialogs, watchDialogs } from "./dialogs.ts";
import { EventPublisher } from "./events.ts";
import { answerTo } from "./events-answers.ts";
import { isOlder } from "./pi-version.ts";
import { PromptDelivery } from "./prompts.ts";
import { QuestionBoard } from "./questions.ts";
import { RunTracker } from "./run.ts";

/** Reports one session of pi, from its session_start to its session_shutdown. */
export class SessionReporter {
  readonly #pi: ExtensionAPI;
  readonly #channel: AgentChannel;
  readonly #run: RunTracker;
  readonly #dialogs: OpenDialogs;
  readonly #events: EventPublisher;
  #prompts: PromptDelivery | undefined;
  #questions: QuestionBoard | undefined;
  readonly #reportsNames: boolean;
  readonly #reportsDialogs: boolean;
  /** From the start of a session with a terminal until its end. */
  #speaks = false;
  #promptClosed: (() => void) | undefined;
  #name: string | undefined;
  #firstMessage: string | undefined;

  constructor(pi: ExtensionAPI, channel: AgentChannel, version: string | undefined) {
    this.#pi = pi;
    this.#channel = channel;
    this.#run = new RunTracker(!isOlder(version, "0.80.4"), (message) => this.#say(message));
    this.#dialogs = new OpenDialogs(() => this.#reportDialogs());
    this.#events = new EventPublisher(pi, channel);
    this.#reportsNames = !isOlder(version, "0.80.3");
    this.#reportsDialogs = !isOlder(version, "0.84.4");
  }

  listen(): void {
    const on = quietly(this.#pi);
    // Before the listener that ends the session, so that its end is published.
    this.#events.listen(on);
    on("session_start", (event, ctx) => this.#start(event.reason, ctx));
    on("session_shutdown", (event) => this.#stop(event));
    on("session_info_changed", () => this.#reportName());
    on("session_before_switch", (event, ctx) => this.#mayOpen(event.targetSessionFile, ctx));
    on("input", ({ text }) => this.#prompts?.heard(text));
    on("message_start", ({ message }) => {
      if (message.role === "user") this.#prompts?.said(message.content);
      else this.#prompts?.wentOn();
    });
    on("before_agent_start", () => {
      this.#run.prompted();
      this.#prompts?.preparing();
    });
    on("agent_start", () => this.#run.agentStart());
    on("agent_end", () => this.#run.agentEnd());
    on("agent_settled", (event, ctx) => {
      this.#prompts?.wentOn();
      this.#run.settled(wasAborted(event, ctx));
    });
    on("ui_prompt_start", ({ title }) => {
      this.#promptClosed?.();
      this.#promptClosed = this.#dialogs.add(title);
    });
    on("ui_prompt_end", () => this.#promptClosed?.());
    on("turn_end", () => {
      this.#prompts?.wentOn();
      if (!this.#reportsNames) this.#reportName();
    });
    on("message_end", ({ message }) => {
      if (message.role === "assistant") this.#run.assistantEnd(message);
      if (message.role === "user") this.#reportFirstMessage(message.content);
    });
  }

  #start(reason: string, ctx: ExtensionContext): void {
    if (!hasTerminal(ctx)) return;
    this.#speaks = true;
    this.#firstMessage = firstMessageOf(ctx);
    if (!this.#reportsDialogs) watchDialogs(ctx.ui, (title) => this.#dialogs.add(title));
    this.#prompts = new PromptDelivery(this.#pi, ctx, this.#channel);
    this.#questions = new QuestionBoard(ctx.ui, {
      events: this.#pi.events,
      report: (open) => this.#say({ type: "questions", open }),
      opened: (title) => this.#dialogs.add(title),
    });
    this.#channel.open();
    this.#channel.bind({
      identity: () => {
        // Behind it.
        queueMicrotask(() => this.#questions?.report());
        this.#name = this.#pi.getSessionName()?.slice(0, MAX_TEXT_CHARACTERS);
        return {
          type: "identity",
          reason,
          conversationId: ctx.sessionManager.getSessionId(),
          path: ctx.sessionManager.getSessionFile(),
          cwd: ctx.cwd,
          name: this.#name,
          firstMessage: this.#firstMessage,
          running: this.#run.running,
          waiting: this.#dialogs.count,
        };
      },
      command: (message) => this.#obey(message, ctx),
    });
    this.#events.start(reason, ctx);
  }

  #stop({ reason }: { reason?: string }): void {
    this.#run.close();
    this.#prompts?.close(reason === "new" || reason === "resume" || reason === "fork");
    this.#questions?.close();
    this.#events.stop();
    if (this.#speaks) this.#channel.unbind();
    this.#speaks = false;
  }

  #say(message: AgentToHost): void {
    if (this.#speaks) this.#channel.send(message);
  }

  #obey(message: HostToAgent, ctx: ExtensionContext): void {
    if (message.type === "set-name") {
      this.#pi.setSessionName(message.name);
      this.#reportName();
    }
    if (message.type === "prompt") void this.#prompts?.take(message);
    if (message.type === "abort") {
      const running = this.#prompts?.abort() ?? false;
      this.#say({ type: "aborted", request: message.request, running });
    }
    if (message.type === "settle-question") {
      const settled = this.#questions?.settle(message) ?? ({ outcome: "unknown" } as const);
      this.#say({ type: "question-settled", request: message.request, ...settled });
    }
    if (message.type === "shutdown") {
      ctx.ui.notify(message.message, "warning");
      ctx.shutdown();
    }
    if (message.type === "ask") this.#say(answerTo(message, this.#pi, ctx));
    if (message.type === "notify") ctx.ui.notify(message.message, "warning");
  }

  async #mayOpen(path: string | undefined, ctx: ExtensionContext): Promise<{ cancel: true } | undefined> {
    const id = path === undefined || !this.#speaks ? undefined : headerId(path);
    if (id === undefined || path === undefined || id === ctx.sessionManager.getSessionId()) return undefined;
    const answer = await this.#channel.mayOpen(id, path);
    if (answer?.allowed !== false) return undefined;
    ctx.ui.notify(answer.message ?? "This conversation is open in another session.", "warning");
    return { cancel: true };
  }

  #reportName(): void {
    const name = this.#pi.getSessionName()?.slice(0, MAX_TEXT_CHARACTERS);
    if (name === this.#name) return;
    this.#name = name;
    this.#say({ type: "name", name });
  }

  #reportDialogs(): void {
    const title = this.#dialogs.title?.slice(0, MAX_TEXT_CHARACTERS);
    this.#say({ type: "waiting", open: this.#dialogs.count, title });
  }

  #reportFirstMessage(content: unknown): void {
    if (this.#firstMessage !== undefined) return;
    this.#firstMessage = textOf(content);
    if (this.#firstMessage !== undefined) this.#say({ type: "first-message", text: this.#firstMessage });
  }
}

/** A print, JSON or RPC session is nobody's to look at. Before 0.78.1 pi did not say which it is. */
function hasTerminal(ctx: ExtensionContext): boolean {
  const { mode } = ctx as { mode?: string };
  return mode === undefined ? ctx.hasUI && process.stdout.isTTY : mode === "tui";
}

/** pi's `on`, with handlers that cannot disturb pi: it would show what one throws. */
function quietly(pi: ExtensionAPI): ExtensionAPI["on"] {
  type Handler = (event: never, ctx: ExtensionContext) => unknown;
  const on = (event: "session_start", handler: Handler) =>
    pi.on(event, async (...heard) => {
      try {
        return (await handler(heard[0] as never, heard[1])) as undefined;
      } catch {
        return undefined;
      }
    });
  return on as unknown as ExtensionAPI["on"];
}

/**
 * Whether the user ended the run. pi says so from 1.1.0, but not of a run ended while it waited for a retry:
 * an error that is to be retried is edited out of the context (from 0.87), and the run settles on that edit.
 */
function wasAborted(event: object, ctx: ExtensionContext): boolean {
  if ("aborted" in event && event.aborted === true) return true;
  return ctx.sessionManager.getLeafEntry()?.type === "context_edit";
}
