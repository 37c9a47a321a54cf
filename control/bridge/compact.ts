import type { EventData } from "../../protocol/events.ts";
import { beginning } from "../event-compact.ts";

export interface CompactBounds {
  maxEventBytes: number;
  eventPreviewBytes: number;
}

export interface CompactBridgeData {
  data: EventData;
  /** Set when `data` is less than what was given: its size as JSON, in bytes. */
  originalBytes?: number;
}

type Shorten = (data: EventData, previewBytes: number) => EventData;

/** Events of which clients expect a description instead of what pi gave: sizes, and texts by their beginnings. */
const DESCRIPTIONS: Readonly<Record<string, Shorten>> = {
  input: ({ text, source, streamingBehavior, imagesCount }, bytes) => ({
    ...preview("text", text, bytes),
    source,
    streamingBehavior,
    imagesCount,
  }),
  message_update: ({ role, assistantMessageEvent }, bytes) => {
    const { type, contentIndex, delta } = fieldsOf(assistantMessageEvent);
    return { role, type, contentIndex, ...preview("delta", delta, bytes) };
  },
  tool_execution_start: toolExecution,
  tool_execution_update: toolExecution,
  tool_execution_end: toolExecution,
  agent_end: ({ messagesCount, stopReason, finalText }, bytes) => ({
    messagesCount,
    stopReason,
    ...preview("finalText", finalText, bytes),
  }),
  session_info_changed: ({ name }, bytes) => preview("name", name, bytes),
  session_compact: described,
  session_tree: described,
};

/** What clients get of an event unless they ask for the whole. Pure. */
export function compactBridgeData(
  event: string,
  data: EventData,
  { maxEventBytes, eventPreviewBytes }: CompactBounds,
): CompactBridgeData {
  const originalBytes = bytesOf(data);
  const describe = Object.hasOwn(DESCRIPTIONS, event) ? DESCRIPTIONS[event] : undefined;
  const short = describe?.(data, eventPreviewBytes) ?? data;
  if (bytesOf(short) <= maxEventBytes) return describe ? { data: short, originalBytes } : { data };
  const summary = `${event} payload omitted (exceeded ${maxEventBytes} bytes)`;
  return { data: { summary, truncated: true, originalBytes, maxBytes: maxEventBytes }, originalBytes };
}

function toolExecution(data: EventData, bytes: number): EventData {
  const { toolName, toolCallId, isError, args, partialResult, result } = data;
  return {
    toolName,
    toolUseId: toolCallId,
    toolCallId,
    isError,
    ...preview("args", args, bytes),
    ...preview("result", result ?? partialResult, bytes),
  };
}

function described(data: EventData, previewBytes: number): EventData {
  const text = JSON.stringify(data);
  return { bytes: Buffer.byteLength(text), preview: beginning(text, previewBytes) };
}

/** `<name>Bytes`, `<name>Length`, `<name>Preview`, and `<name>Truncated` when there is more. */
function preview(name: string, value: unknown, bytes: number): EventData {
  if (value === undefined || value === null) return {};
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const short = beginning(text, bytes);
  return {
    [`${name}Bytes`]: Buffer.byteLength(text),
    [`${name}Length`]: text.length,
    [`${name}Preview`]: short,
    ...(short === text ? {} : { [`${name}Truncated`]: true }),
  };
}

function bytesOf(data: EventData): number {
  return Buffer.byteLength(JSON.stringify(data));
}

function fieldsOf(value: unknown): EventData {
  return typeof value === "object" && value !== null ? (value as EventData) : {};
}
