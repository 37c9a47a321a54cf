import { plainText } from "../runtime/sanitise.ts";
import { markOf, showsUnicode, signOf } from "../runtime/session-marks.ts";
import { TITLE_CELLS, titleOf } from "../runtime/titles.ts";
import type { SessionState } from "./session-state.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Calls the terminals of the session's views by its status and title, for as long as it lives. What a view's terminal
 * can show is not known here: the locale that the session was launched in decides on the signs.
 */
export function showStatusInTitle(state: SessionState, terminal: Terminal, launched: Record<string, string>): void {
  const unicode = showsUnicode(launched);
  const show = () => (terminal.title = statusTitle(state, { unicode }));
  state.subscribe(show);
  show();
}

/** The sign and the title that lists have, as `● Fix the login bug`: one plain line of at most 80 cells. Pure. */
export function statusTitle(
  { record, status }: Pick<SessionState, "record" | "status">,
  terminal: { unicode: boolean },
): string {
  const sign = signOf(markOf({ kind: "live", agent: record.agent, status }), terminal);
  return plainText(`${sign} ${titleOf(record).title}`, { maxCells: TITLE_CELLS });
}
