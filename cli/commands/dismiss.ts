import { plainText } from "../../runtime/sanitise.ts";
import { EXIT, print } from "../output.ts";
import type { TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

export interface DismissOptions extends TargetFilters {
  off?: boolean;
}

/** Leaves what has ended out of the list and the sidebar until something happens in it again. */
export async function dismiss(target: string | undefined, { off, ...filters }: DismissOptions): Promise<number> {
  const { client, session } = await targetSession(target, filters, { kind: "resumable", env: {} });
  const { title } = await client.dismiss(session.id, !off);
  print(`${session.id} (${plainText(title)}) is ${off ? "shown again" : "dismissed; pisync list --all shows it"}`);
  return EXIT.done;
}
