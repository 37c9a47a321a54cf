import { loadWhile } from "../load-while.ts";
import { DaemonClient } from "../daemon-client.ts";
import { targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal } from "../view/terminal.ts";

export async function attach(
  target: string | undefined,
  options: TargetFilters & { readOnly?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "live" });
  requireTerminal(process.env, "To look without a terminal, use: pisync list --json");
  const client = await DaemonClient.connect();
  const answer = client.target(query);
  await loadWhile(answer, () => import("../show-session.ts"));
  const session = await answer;
  const { showSession } = await import("../show-session.ts");
  return showSession(session, options.readOnly ? "read-only" : "mirror");
}
