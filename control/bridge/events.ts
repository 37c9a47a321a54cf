import type { EventData } from "../../protocol/events.ts";

/** An event in the words of pi-session-bridge, whole. */
export interface PiEvent {
  event: string;
  data: EventData;
}

type Translation = { event?: string; data(data: EventData): EventData };

/** As pi's extensions get it: with its own name as `type`. */
const SAME: Translation = { data: (data) => data };

/** Every event of the log that clients of pi-session-bridge know; the others are pisync's own. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  input: { data: ({ images, ...data }) => ({ ...data, imagesCount: images }) },
  agent_start: SAME,
  agent_end: { data: ({ messages, text, ...data }) => ({ ...data, messagesCount: messages, finalText: text }) },
  turn_start: SAME,
  turn_end: { data: ({ toolResults, ...data }) => ({ ...data, toolResultsCount: toolResults }) },
  message_start: { data: ({ role }) => ({ message: { role } }) },
  message_update: {
    data: ({ kind, contentIndex, delta }) => ({
      role: "assistant",
      assistantMessageEvent: { type: `${String(kind)}_delta`, contentIndex, delta },
    }),
  },
  message_end: SAME,
  tool_execution_start: SAME,
  tool_execution_update: SAME,
  tool_execution_end: SAME,
  model_select: {
    data: ({ model, previousModel, ...data }) => ({
      ...data,
      model: bridgeModel(model),
      previousModel: bridgeModel(previousModel),
    }),
  },
  thinking_level_select: SAME,
  session_info_changed: SAME,
  session_compact: SAME,
  session_tree: SAME,
  session_start: {
    event: "bridge_start",
    data: ({ reason, conversationId, path, name, model, cwd, thinkingLevel }) => ({
      reason,
      state: {
        cwd,
        sessionId: conversationId,
        sessionFile: path,
        sessionName: name,
        model: bridgeModel(model),
        thinkingLevel,
      },
    }),
  },
  question: { data: questionData },
  activity: { event: "vstack_activity", data: (data) => data },
  emit: { event: "bridge_emit", data: ({ text, ...data }) => ({ ...data, message: text }) },
  bridge_pong: SAME,
  lost: { event: "bridge_lost", data: (data) => data },
};

/** What clients are told with that event of the log; undefined for pisync's own. */
export function bridgeEventName(event: string): string | undefined {
  const translation = Object.hasOwn(TRANSLATIONS, event) ? TRANSLATIONS[event] : undefined;
  return translation && (translation.event ?? event);
}

/** An event of the log as pi-session-bridge would have told it; undefined for pisync's own. Pure. */
export function toBridgeEvent(event: string, data: EventData): PiEvent | undefined {
  const name = bridgeEventName(event);
  if (name === undefined) return undefined;
  const translated = TRANSLATIONS[event]?.data(data) ?? data;
  return { event: name, data: name === event ? { type: name, ...translated } : translated };
}

/** `<provider>/<id>` in pi's form. */
export function bridgeModel(model: unknown): { provider: string; id: string } | undefined {
  if (typeof model !== "string") return undefined;
  const slash = model.indexOf("/");
  return slash < 0 ? undefined : { provider: model.slice(0, slash), id: model.slice(slash + 1) };
}

/** Whoever closed a dialog in the terminal has answered it, as far as clients know. */
function questionData({ action, ...data }: EventData): EventData {
  return action === "closed" ? { ...data, action: "answered", source: "ui" } : { ...data, action };
}
