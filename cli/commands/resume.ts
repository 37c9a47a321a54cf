import { PisyncError } from "../../runtime/failure.ts";
import { launchEnvironment, startSession } from "../launch.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";
import { requireTerminal, terminalSize } from "../view/terminal.ts";

export async function resume(
  target: string | undefined,
  options: TargetFilters & { detach?: boolean },
): Promise<number> {
  const query = targetQuery(target, options, { env: {}, kind: "any" });
  if (!namesSession(query)) {
    throw new PisyncError("usage", "Say which session to resume.", { next: "pisync list shows what can be resumed." });
  }
  if (!options.detach) requireTerminal(process.env, "Resume it without a view: pisync resume --detach TARGET");
  return startSession(async (client) => {
    const session = await client.target(query);
    return client.resume(session.id, {
      env: launchEnvironment(process.env),
      size: terminalSize(),
      expectsView: !options.detach,
    });
  }, options);
}
