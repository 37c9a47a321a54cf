import type { PisyncClient } from "../../client/pisync-client.ts";
import type { LogSnapshot } from "../../protocol/events.ts";
import type { SessionSummary } from "../../protocol/session.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { lineContext } from "../line-context.ts";
import { EXIT, print } from "../output.ts";
import { factsOf } from "../session-facts.ts";
import { shownPath } from "../session-lines.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/** How one session is: live, external or resumable. */
export async function state(target: string | undefined, options: TargetFilters & { json?: boolean }): Promise<number> {
  const { client, session } = await targetSession(target, options, { kind: "any" });
  const said = await saidBy(client, session);
  const more = said && { seq: said.seq, ...said.facts };
  if (options.json) {
    print(JSON.stringify({ schemaVersion: 1, session, ...more }));
    return EXIT.done;
  }
  const { now, home, style } = lineContext();
  const rows: [string, string | undefined][] = [
    ["session", session.id],
    ["title", session.title],
    ["state", factsOf(session, now).join(", ")],
    ["directory", shownPath(session.cwd, home)],
    ["model", more?.model],
    ["thinking", more?.thinkingLevel],
    ["queued", more?.queued?.map(({ text }) => text).join(" | ")],
    ["process", session.pid?.toString()],
    ["conversation", session.conversation?.id],
    ["events", more?.seq.toString()],
  ];
  for (const [name, value] of rows) if (value) print(`${style("quiet", name.padEnd(NAME_CELLS))}${plainText(value)}`);
  return EXIT.done;
}

/** What its host says, or for an external session the daemon, when the extension is in it. */
async function saidBy(
  client: PisyncClient,
  { id, kind, attribution }: SessionSummary,
): Promise<LogSnapshot | undefined> {
  const reports = kind === "live" || (kind === "external" && attribution?.evidence === "extension");
  return reports ? client.state(id) : undefined;
}

const NAME_CELLS = 14;
