import { AgentFacts, type EventData } from "../protocol/events.ts";
import { INTERPRETED } from "../runtime/json-file.ts";

/** What the agent's events tell about its present state. Pure; the same object when the event tells nothing. */
export function agentFactsAfter(facts: AgentFacts, event: string, data: EventData): AgentFacts {
  switch (event) {
    case "session_start":
      return validated({ model: data["model"], thinkingLevel: data["thinkingLevel"] }, {});
    case "model_select":
      return validated({ ...facts, model: data["model"] }, facts);
    case "thinking_level_select":
      return validated({ ...facts, thinkingLevel: data["level"] }, facts);
    case "queue":
      return validated({ ...facts, queued: data["queued"] }, facts);
    default:
      return facts;
  }
}

/** What an extension says is outside data. */
function validated(facts: Record<string, unknown>, before: AgentFacts): AgentFacts {
  return AgentFacts.safeParse(facts, INTERPRETED).data ?? before;
}
