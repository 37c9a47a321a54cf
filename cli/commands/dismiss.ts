import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, print } from "../output.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

export interface DismissOptions extends TargetFilters {
  off?: boolean;
}

/** Leaves what has ended out of the list and the sidebar until something happens in it again. */
export async function dismiss(target: string | undefined, { off, ...filters }: DismissOptions): Promise<number> {
  const query = targetQuery(target, filters, { env: {}, kind: "resumable" });
  const client = await connectDaemon();
  const { id } = await client.target(query);
  const { title } = await client.dismiss(id, !off);
  print(`${id} (${plainText(title)}) is ${off ? "shown again" : "dismissed; pisync list --all shows it"}`);
  return EXIT.done;
}
