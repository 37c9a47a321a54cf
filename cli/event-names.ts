import { nearest } from "../runtime/nearest.ts";
import { PisyncError } from "../runtime/failure.ts";

/** The names of the log's events, as help shows them; docs/protocol.md says what each carries. */
export const EVENT_NAMES_TEXT = `
  host_start host_end status run_start run_end retry session_start session_shutdown session_info_changed
  model_select thinking_level_select input queue agent_start agent_end agent_settled turn_start turn_end
  message_start message_update message_end tool_execution_start tool_execution_update tool_execution_end
  user_bash after_provider_response session_before_compact session_compact session_compact_failed session_tree
  ui_prompt_start ui_prompt_end activity emit question bridge_pong lost`;

export const EVENT_NAMES: readonly string[] = EVENT_NAMES_TEXT.trim().split(/\s+/);

/** Names with commas between them. @throws PisyncError `usage`: the log would just have no such event. Pure. */
export function eventNames(text: string): string[] {
  const names = text.split(",");
  for (const name of names) if (!EVENT_NAMES.includes(name)) throw noSuchEvent(name);
  return names;
}

function noSuchEvent(name: string): PisyncError {
  const near = nearest(name, EVENT_NAMES) ?? EVENT_NAMES.find((known) => known.startsWith(`${name}_`));
  const help = "See their names in: pisync history --help";
  return new PisyncError("usage", `There is no event ${JSON.stringify(name)}.`, {
    next: near === undefined ? help : `Did you mean ${near}? ${help}`,
  });
}
