import { createTmuxAdapter } from "../adapters/multiplexers/tmux/tmux-adapter.ts";
import type { Shown } from "../adapters/multiplexers/multiplexer-adapter.ts";
import type { SessionSummary } from "../protocol/session.ts";
import { PisyncError } from "../runtime/failure.ts";
import { plainText } from "../runtime/sanitise.ts";
import { EXIT, note } from "./output.ts";
import { whereOf } from "./session-facts.ts";

/**
 * Brings the pane where an external session runs before its user, and returns the exit code.
 * @throws PisyncError `external-session`, with where it runs, when that cannot be shown from here.
 */
export async function jump(session: SessionSummary): Promise<number> {
  const shown = await showPane(session);
  if (shown?.outcome !== "shown") throw notShown(session, shown);
  if (!shown.here)
    note(`pisync: ${nameOf(session)} is what the terminal ${shown.terminal.replace("/dev/", "")} shows now.`);
  return EXIT.done;
}

async function showPane({ terminal }: SessionSummary): Promise<Shown | undefined> {
  if (terminal?.tmux === undefined) return undefined;
  return createTmuxAdapter().show({ ...terminal.tmux, tty: terminal.tty }, process.env);
}

/** Where an external session is, and how its user gets there. */
function notShown(session: SessionSummary, shown: Shown | undefined): PisyncError {
  const where = `${nameOf(session)} was started without pisync, and runs in ${whereOf(session)}`;
  const facts = { session: session.id, ...(session.pid === undefined ? {} : { pid: session.pid }) };
  if (shown?.outcome === "unattended") {
    return new PisyncError("external-session", `${where}, which no terminal shows.`, {
      next: `Go there with: ${shown.attach.join(" ")}`,
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
