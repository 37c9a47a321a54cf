import { loadConfig } from "../../runtime/config.ts";
import { isPastConversation } from "../../runtime/past-sessions.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { currentDirectory, lineContext } from "../line-context.ts";
import { EXIT, print } from "../output.ts";
import { runs } from "../session-facts.ts";
import { groupLines } from "../session-lines.ts";
import { group } from "../session-selection.ts";

/** `pisync` alone: the workspace on a terminal, else what is live and what one can do next. */
export async function overview(): Promise<number> {
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== "dumb";
  if (onTerminal) return (await import("./workspace.ts")).workspace();
  const { detachKey } = await loadConfig();
  const client = await connectDaemon();
  const { sessions } = await client.list();
  const running = sessions.filter(runs);
  const live = running.find(({ kind }) => kind === "live");
  const resumable = sessions.filter(isPastConversation).length;
  const lines = groupLines(group(running, running, currentDirectory()), lineContext());
  for (const line of lines.length > 0 ? [...lines, ""] : ["No session is live.", ""]) print(line);
  const next = (command: string, does: string) => print(`  ${command.padEnd(24)}${does}`);
  next("pisync pi", "start pi in a session that outlives this terminal");
  if (live !== undefined) next(`pisync attach ${live.id}`, `show it here; leave again with ${detachKey}`);
  if (resumable > 0) next("pisync list", `also what can be resumed (${resumable})`);
  if (resumable > 0) next("pisync search WORDS", "find a conversation by what was said in it");
  next("pisync demo", "see what pisync does, with nothing of yours touched");
  next("pisync --help", "every command");
  return EXIT.done;
}
