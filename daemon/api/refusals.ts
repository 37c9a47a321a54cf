import { stat } from "node:fs/promises";
import type { SessionId } from "../../protocol/ids.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { argument } from "../external/external-refusals.ts";

/**
 * `conversation` is the path of the one that belongs to that directory.
 * @throws PisyncError `cwd-missing`.
 */
export async function requireDirectory(cwd: string, conversation?: string): Promise<void> {
  const stats = await stat(cwd).catch(() => undefined);
  if (stats?.isDirectory()) return;
  const shown = plainText(cwd, { maxCells: 200 });
  const instead =
    conversation === undefined
      ? "start from another directory"
      : `go on with a copy of the conversation in the directory you are in: pisync pi --fork ${argument(conversation)}`;
  throw new PisyncError("cwd-missing", `The directory ${shown} does not exist.`, {
    next: `Create it again, or ${instead}${conversation === undefined ? "." : ""}`,
    facts: { cwd: shown, ...(conversation === undefined ? {} : { path: conversation }) },
  });
}

export function noSuchSession(id: string): never {
  const shown = plainText(id, { maxCells: 80 });
  throw new PisyncError("no-such-target", `There is no session ${shown}.`, {
    next: "See what there is with: pisync list",
    facts: { asked: shown },
  });
}

export function held(session: SessionId): PisyncError {
  return new PisyncError(
    "conversation-held",
    `The conversation is held by session ${session}, whose host does not answer.`,
    { next: `End that session with: pisync kill ${session}`, facts: { session } },
  );
}
