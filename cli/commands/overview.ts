import { loadConfig } from "../../runtime/config.ts";
import { DaemonClient } from "../daemon-client.ts";
import { EXIT, print } from "../output.ts";
import { sessionLines } from "../session-lines.ts";
import { forPeople, lineContext } from "./list.ts";

/** `pisync` alone: what is live, and what one can do next. */
export async function overview(): Promise<number> {
  const { detachKey } = await loadConfig();
  const client = await DaemonClient.connect();
  const { sessions } = await client.list();
  const live = sessions.filter(({ kind }) => kind === "live");
  const resumable = forPeople(sessions, { all: false }).length - live.length;
  const [first] = live;
  if (live.length > 0) for (const line of [...sessionLines(live, lineContext()), ""]) print(line);
  else print("No session is live.\n");
  const next = (command: string, does: string) => print(`  ${command.padEnd(24)}${does}`);
  next("pisync pi", "start pi in a session that outlives this terminal");
  if (first !== undefined) next(`pisync attach ${first.id}`, `show it here; leave again with ${detachKey}`);
  if (resumable > 0) next("pisync list", `also what can be resumed (${resumable})`);
  next("pisync demo", "see what pisync does, with nothing of yours touched");
  next("pisync --help", "every command");
  return EXIT.done;
}
