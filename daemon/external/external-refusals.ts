import type { SessionSummary } from "../../protocol/session.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { placeOf } from "../../runtime/terminal-place.ts";

/** Why something cannot be done to a pi that pisync did not start, and how to get to it. */
export function isExternal(session: SessionSummary): PisyncError {
  return new PisyncError(
    "external-session",
    `Session ${session.id} (${session.title}) was started without pisync: it runs in ${whereItRuns(session)}.`,
    { next: `Go to it with: pisync attach ${session.id}`, facts: factsOf(session) },
  );
}

/**
 * Why a pi that pisync did not start cannot be read or driven, and how that is changed.
 * @throws PisyncError `no-extension`, always.
 */
export function isSilent(session: SessionSummary): never {
  throw new PisyncError(
    "no-extension",
    `Session ${session.id} (${session.title}) was started without pisync, and no extension of pisync reports from it.`,
    {
      next: `Put it into every pi with: pisync install extension, and then type /reload into that pi, in ${whereItRuns(session)}.`,
      facts: factsOf(session),
    },
  );
}

/** Why a conversation is not opened a second time, and what can be done instead. */
export function conversationIsExternal(session: SessionSummary): PisyncError {
  const fork = session.conversation?.path;
  const forking = fork === undefined ? "" : `, fork it with: pisync pi --fork ${argument(fork)}`;
  return new PisyncError(
    "conversation-external",
    `That conversation is open in a pi that was started without pisync, in ${whereItRuns(session)}.`,
    {
      next: `Go there with: pisync attach ${session.id}${forking}, or wait until that pi has ended.`,
      facts: factsOf(session),
    },
  );
}

/** Plain text: `tmux pane %7 (process 4711)`. */
export function whereItRuns({ terminal, pid }: SessionSummary): string {
  const place = terminal === undefined ? "no terminal" : plainText(placeOf(terminal), { maxCells: 60 });
  return pid === undefined ? place : `${place} (process ${pid})`;
}

/** A path as a word of a command line that somebody may copy. */
export function argument(path: string): string {
  const plain = plainText(path);
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}

function factsOf({ id, pid, terminal, conversation }: SessionSummary): NonNullable<PisyncError["facts"]> {
  return {
    session: id,
    ...(pid === undefined ? {} : { pid }),
    ...(terminal === undefined ? {} : { tty: terminal.tty }),
    ...(terminal?.tmux === undefined ? {} : { tmuxSocket: terminal.tmux.socket, pane: terminal.tmux.pane }),
    ...(conversation === undefined ? {} : { conversation: conversation.id }),
    ...(conversation?.path === undefined ? {} : { path: conversation.path }),
  };
}
