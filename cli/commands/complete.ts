import * as z from "zod";
import { SessionSummary } from "../../protocol/session.ts";
import { requestJson } from "../../runtime/http-client.ts";
import { statePaths } from "../../runtime/paths.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { EXIT, print } from "../output.ts";

/** What counts here of the list, which may be long. */
const List = z.object({
  sessions: z.array(SessionSummary.pick({ id: true, kind: true, title: true, updatedAt: true, dismissed: true })),
});
/** More than anybody chooses from. */
const MAX_CANDIDATES = 100;
const TITLE_CELLS = 60;
/** Whoever pressed Tab waits. */
const ANSWER_MS = 1_000;

/** Of which kind the sessions are that a command is about; all of them for any other command. */
const KINDS: Readonly<Record<string, readonly SessionSummary["kind"][]>> = {
  attach: ["live", "external"],
  mirror: ["live"],
  kill: ["live"],
  resume: ["resumable"],
  dismiss: ["resumable"],
  mute: ["live", "external"],
};

/**
 * For the shells' completion: the sessions that can stand behind this command, an id, a tab and a title a line. Starts
 * no daemon, and says nothing when there is none.
 */
export async function complete(command: string | undefined): Promise<number> {
  const socket = statePaths().daemonSocket;
  const options = { schema: List, timeoutMs: ANSWER_MS };
  const list = await requestJson(socket, "GET", "/v1/sessions", options).catch(() => undefined);
  const kinds = KINDS[command ?? ""];
  const sessions = (list?.sessions ?? []).filter(
    ({ kind, dismissed }) => !dismissed && (kinds?.includes(kind) ?? true),
  );
  const newest = sessions.toSorted((left, right) => right.updatedAt - left.updatedAt).slice(0, MAX_CANDIDATES);
  for (const { id, title } of newest) print(`${id}\t${plainText(title, { maxCells: TITLE_CELLS })}`);
  return EXIT.done;
}
