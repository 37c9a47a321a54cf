import type { ExtensionAPI, ExtensionContext } from "@earendil-works/pi-coding-agent";
import type { AgentToHost, HostToAgent } from "../../../../protocol/agent-channel.ts";
import type { CommandList, MessagePage } from "../../../../protocol/events.ts";
import { bounded } from "./events-bounded.ts";

type Ask = Extract<HostToAgent, { type: "ask" }>;

/** Of all messages in an answer, as JSON: a line of the channel has room for more. */
const MAX_PAGE_BYTES = 640 * 1024;
const MAX_COMMANDS = 1_000;
const MAX_NAME = 256;
const MAX_DESCRIPTION = 500;

/** What the host wants to know of pi. Never throws. */
export function answerTo(ask: Ask, pi: ExtensionAPI, ctx: ExtensionContext): AgentToHost {
  try {
    const data = ask.what === "commands" ? commands(pi) : messages(ask, ctx);
    return { type: "answer", request: ask.request, data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: "answer", request: ask.request, error: reason.slice(0, 500) };
  }
}

function commands(pi: ExtensionAPI): CommandList {
  const all = pi.getCommands().slice(0, MAX_COMMANDS);
  return {
    schemaVersion: 1,
    commands: all.map(({ name, description, source }) => ({
      name: name.slice(0, MAX_NAME),
      description: description?.slice(0, MAX_DESCRIPTION),
      source,
    })),
  };
}

/**
 * A page of the present branch. When all of it is too large for one answer, the newest page has its newest messages,
 * any other its oldest: what is left out is asked for next.
 */
function messages({ offset, limit = 100 }: Ask, ctx: ExtensionContext): MessagePage {
  const entries = ctx.sessionManager.getBranch().filter((entry) => entry.type === "message");
  const branch = entries.filter(({ message }) => isSaid(message));
  const start = offset ?? Math.max(0, branch.length - limit);
  const wanted = branch.slice(start, start + limit);
  const page: MessagePage["messages"] = [];
  let bytes = 0;
  for (const entry of offset === undefined ? wanted.reverse() : wanted) {
    const { json, originalBytes } = bounded(entry.message as unknown as Record<string, unknown>);
    bytes += Buffer.byteLength(json);
    if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
    page.push({
      id: entry.id,
      at: Date.parse(entry.timestamp) || undefined,
      message: JSON.parse(json) as Record<string, unknown>,
      ...(originalBytes === undefined ? {} : { truncated: true as const }),
    });
  }
  if (offset === undefined) page.reverse();
  return {
    schemaVersion: 1,
    conversation: ctx.sessionManager.getSessionId(),
    offset: offset === undefined ? branch.length - page.length : Math.min(start, branch.length),
    total: branch.length,
    messages: page,
  };
}

/** pi keeps its system prompt among the messages (from 0.87), which nobody said. */
function isSaid({ role }: { role: string }): boolean {
  return role !== "system";
}
