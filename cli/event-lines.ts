import type { EventData, EventEnvelope } from "../protocol/events.ts";
import { clockTime } from "../runtime/clock-time.ts";
import { plainText } from "../runtime/sanitise.ts";
import type { LineStyle } from "./session-facts.ts";
import type { LineContext } from "./session-lines.ts";

/** What an event says to a person, and how it is meant; undefined when it says nothing that others do not. */
type Said = readonly [style: LineStyle, what: string, text: string] | undefined;

/**
 * One event on one line: time, session where several are shown, and what happened. Undefined for the steps in between,
 * which only programs need. Pure.
 */
export function eventLine(
  envelope: EventEnvelope,
  context: Pick<LineContext, "now" | "width" | "style">,
  { withSession = false } = {},
): string | undefined {
  const said = saidBy(envelope.event, envelope.data);
  if (said === undefined) return undefined;
  const [style, what, text] = said;
  const time = clockTime(envelope.at, context.now);
  const session = withSession ? `${envelope.session}  ` : "";
  const taken = time.length + session.length + what.length + 4;
  const shown = plainText(text, { maxCells: Math.max(LEAST_TEXT, context.width - taken) });
  return `${context.style("quiet", time)}  ${context.style("id", session)}${context.style(style, what)}  ${shown}`.trimEnd();
}

const LEAST_TEXT = 20;

function saidBy(event: string, data: EventData): Said {
  switch (event) {
    case "message_end":
      return messageSaid(data["message"]);
    case "tool_execution_start":
      return ["match", `> ${word(data["toolName"])}`, argumentsText(data["args"])];
    case "tool_execution_end":
      return [data["isError"] === true ? "bad" : "quiet", `< ${word(data["toolName"])}`, textOf(data["result"])];
    case "run_start":
      return ["good", "run", "started"];
    case "run_end":
      return [data["outcome"] === "error" ? "bad" : "good", "run", `${word(data["outcome"])} ${word(data["error"])}`];
    case "retry":
      return ["attention", "retry", `${word(data["attempt"])}: ${word(data["error"])}`];
    case "status":
      return ["quiet", "status", word(data["state"])];
    case "queue":
      return ["quiet", "queue", queueText(data["queued"])];
    case "ui_prompt_start":
      return ["attention", "asks", word(data["title"])];
    case "ui_prompt_end":
      return ["quiet", "asks", "answered"];
    case "activity":
    case "emit":
      return ["news", event, data["text"] === undefined ? JSON.stringify(data) : word(data["text"])];
    default:
      return UNSAID.has(event) ? undefined : ["quiet", word(event), plainValues(data)];
  }
}

/** Steps in between, and what another event says better. */
const UNSAID = new Set([
  "input",
  "message_start",
  "message_update",
  "tool_execution_update",
  "turn_start",
  "turn_end",
  "agent_start",
  "agent_end",
  "agent_settled",
  "after_provider_response",
  "session_before_compact",
]);

const SPEAKERS: Record<string, readonly [LineStyle, string]> = {
  user: ["directory", "you"],
  assistant: ["id", "pi"],
};

/** A tool's result is told by the tool's end. */
function messageSaid(message: unknown): Said {
  const { role, content, errorMessage } = (message ?? {}) as Record<string, unknown>;
  const speaker = SPEAKERS[word(role)];
  const text = textOf({ content }) || word(errorMessage);
  return speaker === undefined || text === "" ? undefined : [...speaker, text];
}

/** The text of a message or of a tool's result. Pure. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { content } = (value ?? {}) as { content?: unknown };
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.flatMap(({ text }: { text?: unknown }) => (typeof text === "string" ? [text] : [])).join("\n");
}

function argumentsText(args: unknown): string {
  const values = typeof args === "object" && args !== null ? Object.values(args) : [];
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("  ");
}

function queueText(queued: unknown): string {
  const texts = Array.isArray(queued) ? queued.map(({ text }: { text?: unknown }) => word(text)) : [];
  return texts.length === 0 ? "empty" : texts.join(" | ");
}

function plainValues(data: EventData): string {
  const plain = Object.entries(data).filter(([, value]) => typeof value !== "object");
  return plain.map(([name, value]) => `${name} ${word(value)}`).join(", ");
}

function word(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
