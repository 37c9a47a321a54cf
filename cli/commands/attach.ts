import { DaemonClient } from "../daemon-client.ts";
import { targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal } from "../view/terminal.ts";

export async function attach(
  target: string | undefined,
  options: TargetFilters & { readOnly?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: process.env, kind: "live" });
  requireTerminal(process.env, "To look without a terminal, use: pisync list --json");
  // Loaded while the daemon answers.
  const showing = import("../show-session.ts");
  const client = await DaemonClient.connect();
  const session = await client.target(query);
  return (await showing).showSession(session, options.readOnly ? "read-only" : "mirror");
}
