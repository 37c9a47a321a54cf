import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print } from "../output.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

export interface MuteOptions extends TargetFilters {
  all?: boolean;
  off?: boolean;
}

/** Switches notifications of one session or of all off, or on again. */
export async function mute(target: string | undefined, { all, off, ...filters }: MuteOptions): Promise<number> {
  const muted = !off;
  if (all) {
    if (namesSession(targetQuery(target, filters, { env: {}, kind: "any" }))) throw bothAllAndOne();
    await (await connectDaemon()).mute({ muted });
    print(muted ? "No session notifies any more." : "Sessions notify again, but for those muted by themselves.");
    return EXIT.done;
  }
  const { client, session } = await targetSession(target, filters, { kind: "any" });
  const { mutedAll } = await client.mute({ muted, session: session.id });
  const rest = mutedAll && !muted ? "; all sessions are muted: pisync mute --all --off" : "";
  print(`${session.id} (${plainText(session.title)}) ${muted ? "is muted" : "notifies again"}${rest}`);
  return EXIT.done;
}

function bothAllAndOne(): PisyncError {
  return new PisyncError("usage", "Either all sessions or one can be muted at a time.", {
    next: "Leave out --all, or what names the session.",
  });
}
