import { createTmuxAdapter } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import type { Shown } from "../adapters/multiplexers/multiplexer-adapter.ts";
import type { ExternalTerminal, SessionSummary } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import { plainText } from "../runtime/sanitise.ts";
import { shellCommand } from "../runtime/short-forms.ts";
import type { PisyncClient } from "../client/pisync-client.ts";
import { EXIT, note } from "./output.ts";
import { whereOf } from "./session-facts.ts";

/**
 * Brings before its user what shows an external session: its tmux pane, or the session that it was started in.
 * Returns the exit code.
 * @throws PisyncError `external-session`, with where it runs, when that cannot be shown from here.
 */
export async function jump(client: PisyncClient, session: SessionSummary): Promise<number> {
  const { terminal } = session;
  if (terminal?.session !== undefined) {
    const around = await client.target({ session: terminal.session, kind: "live" });
    return (await import("./show-session.ts")).showSession(around, "mirror");
  }
  const shown = await showPane(terminal);
  if (shown?.outcome !== "shown") throw notShown(session, shown);
  if (!shown.here) note(`pisync: The terminal ${shown.terminal.replace("/dev/", "")} shows ${nameOf(session)} now.`);
  return EXIT.done;
}

async function showPane(terminal: ExternalTerminal | undefined): Promise<Shown | undefined> {
  if (terminal?.tmux === undefined) return undefined;
  return createTmuxAdapter().show({ ...terminal.tmux, tty: terminal.tty }, process.env);
}

/** Where an external session is, and how its user gets there. */
function notShown(session: SessionSummary, shown: Shown | undefined): PisyncError {
  const where = `${nameOf(session)} was started without pisync, and runs in ${whereOf(session)}`;
  const facts = { session: session.id, ...(session.pid === undefined ? {} : { pid: session.pid }) };
  if (shown?.outcome === "unattended") {
    return new PisyncError("external-session", `${where}, which no terminal shows.`, {
      next: `Go there with: ${shellCommand(shown.attach)}`,
      facts,
    });
  }
  return new PisyncError("external-session", `${where}.`, {
    next: `Go to that terminal. Once pi has ended there, bring it here with: pisync resume ${session.id}`,
    facts,
  });
}

function nameOf({ id, title }: SessionSummary): string {
  return `${id} (${plainText(title, { maxCells: 60 })})`;
}
