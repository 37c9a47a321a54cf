import type { ExternalTerminal } from "../protocol/session.ts";

/** A terminal as its user knows it: `tmux pane %7`, `session abcdefgh`, `terminal pts/3`. Outside text: make it plain before it is shown. */
export function placeOf({ tty, tmux, session }: ExternalTerminal): string {
  if (session !== undefined) return `session ${session}`;
  return tmux === undefined ? `terminal ${tty.replace(/^\/dev\//, "")}` : `tmux pane ${tmux.pane}`;
}
