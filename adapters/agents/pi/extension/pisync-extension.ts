import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { ExtensionAPI, ExtensionContext } from "@earendil-works/pi-coding-agent";
import type { AgentToHost, HostToAgent } from "../../../../protocol/agent-channel.ts";
import { agentChannel, type AgentChannel } from "./channel.ts";
import { isOlder, piVersion } from "./pi-version.ts";
import { RunTracker } from "./run.ts";

/**
 * Runs inside pi and tells pisync's host what only pi knows: which conversation is open, its name, when a run
 * starts and how it ends. Imports nothing of pisync's at run time, prints nothing, and lets no error of its
 * own reach pi. Without a host's socket in the environment it does nothing at all.
 */
export default function pisyncExtension(pi: ExtensionAPI): void {
  const socket = process.env.PISYNC_HOST_SOCKET;
  const token = process.env.PISYNC_AGENT_TOKEN;
  if (!socket || !token) return;
  const version = piVersion();
  const hello: AgentToHost = {
    type: "hello",
    token,
    pid: process.pid,
    agentVersion: version?.slice(0, 64),
    missing: missingFrom(version),
  };
  new SessionReporter(pi, agentChannel({ socket, token }, hello), version).listen();
}

const MAX_TEXT_CHARACTERS = 1_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** What this pi does not tell an extension, worded to follow "pi lacks:". */
function missingFrom(version: string | undefined): string[] {
  return [
    ...(isOlder(version, "0.80.3") ? ["word of a new name, which shows after the next turn"] : []),
    ...(isOlder(version, "0.80.4") ? ["word of the end of a run, which is inferred from silence"] : []),
  ];
}

/** Reports one session of pi, from its session_start to its session_shutdown. */
class SessionReporter {
  readonly #pi: ExtensionAPI;
  readonly #channel: AgentChannel;
  readonly #run: RunTracker;
  readonly #reportsNames: boolean;
  #name: string | undefined;
  #firstMessage: string | undefined;

  constructor(pi: ExtensionAPI, channel: AgentChannel, version: string | undefined) {
    this.#pi = pi;
    this.#channel = channel;
    this.#run = new RunTracker(!isOlder(version, "0.80.4"), (message) => channel.send(message));
    this.#reportsNames = !isOlder(version, "0.80.3");
  }

  listen(): void {
    const on = quietly(this.#pi);
    on("session_start", (event, ctx) => this.#start(event.reason, ctx));
    on("session_shutdown", () => this.#stop());
    on("session_info_changed", () => this.#reportName());
    on("session_before_switch", (event, ctx) => this.#mayOpen(event.targetSessionFile, ctx));
    on("before_agent_start", () => this.#run.prompted());
    on("agent_start", () => this.#run.agentStart());
    on("agent_end", () => this.#run.agentEnd());
    on("agent_settled", (event, ctx) => this.#run.settled(wasAborted(event, ctx)));
    on("turn_end", () => {
      if (!this.#reportsNames) this.#reportName();
    });
    on("message_end", ({ message }) => {
      if (message.role === "assistant") this.#run.assistantEnd(message);
      if (message.role === "user") this.#reportFirstMessage(message.content);
    });
  }

  #start(reason: string, ctx: ExtensionContext): void {
    this.#firstMessage = firstMessageOf(ctx);
    this.#channel.bind({
      identity: () => {
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
        };
      },
      command: (message) => this.#obey(message, ctx),
    });
  }

  #stop(): void {
    this.#run.close();
    this.#channel.unbind();
  }

  #obey(message: HostToAgent, ctx: ExtensionContext): void {
    if (message.type === "set-name") {
      this.#pi.setSessionName(message.name);
      this.#reportName();
    }
    if (message.type === "shutdown") {
      ctx.ui.notify(message.message, "warning");
      ctx.shutdown();
    }
  }

  async #mayOpen(path: string | undefined, ctx: ExtensionContext): Promise<{ cancel: true } | undefined> {
    const id = path === undefined ? undefined : headerId(path);
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
    this.#channel.send({ type: "name", name });
  }

  #reportFirstMessage(content: unknown): void {
    if (this.#firstMessage !== undefined) return;
    this.#firstMessage = textOf(content);
    if (this.#firstMessage !== undefined) this.#channel.send({ type: "first-message", text: this.#firstMessage });
  }
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

function firstMessageOf(ctx: ExtensionContext): string | undefined {
  for (const entry of ctx.sessionManager.getEntries()) {
    if (entry.type === "message" && entry.message.role === "user") return textOf(entry.message.content);
  }
  return undefined;
}

function textOf(content: unknown): string | undefined {
  const parts = Array.isArray(content) ? content : [{ text: content }];
  const text = parts.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("\n");
  return text.trim() === "" ? undefined : text.trim().slice(0, MAX_TEXT_CHARACTERS);
}

/** The conversation id in the header of a session file; undefined when it has none, or none yet. */
function headerId(path: string): string | undefined {
  let file: number | undefined;
  try {
    // Opening a pipe would wait for a writer, and pi with it.
    if (!statSync(path).isFile()) return undefined;
    file = openSync(path, "r");
    const start = Buffer.alloc(MAX_HEADER_BYTES);
    const length = readSync(file, start, 0, MAX_HEADER_BYTES, 0);
    const line = start.toString("utf8", 0, length).split("\n", 1)[0] ?? "";
    const header = JSON.parse(line) as { type?: unknown; id?: unknown };
    return header.type === "session" && typeof header.id === "string" ? header.id : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
