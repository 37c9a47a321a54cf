import { launchEnvironment } from "../../runtime/environment.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { enterSession } from "../launch.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal, terminalSize } from "../view/terminal.ts";

/** Without a target: the only conversation that can be resumed. */
export async function resume(
  target: string | undefined,
  options: TargetFilters & { detach?: boolean },
): Promise<number> {
  const named = targetQuery(target, options, { env: {}, kind: "any" });
  const query = namesSession(named) ? named : { kind: "resumable" as const };
  if (!options.detach) requireTerminal(process.env, "Resume it without a view: pisync resume --detach TARGET");
  const client = await connectDaemon();
  const { id, kind, conversation } = await client.target(query);
  const request = { env: launchEnvironment(process.env), size: terminalSize(), expectsView: !options.detach };
  const start = async () => {
    // A pi that pisync did not start takes its id with it when it ends: its conversation is what is meant.
    const name = kind === "external" ? conversation?.id : undefined;
    const session = name === undefined ? id : (await client.target({ target: name })).id;
    return client.resume(session, request);
  };
  return enterSession(start, options);
}
