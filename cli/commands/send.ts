import { PromptId, type DeliverAs, type PromptRecord } from "../../protocol/prompts.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, note, print, withProgress } from "../output.ts";
import { readImages, readText } from "../prompt-input.ts";
import { wordsBehindTarget } from "../target-words.ts";
import { targetQuery, type TargetFilters } from "../target.ts";

export interface SendOptions extends TargetFilters {
  deliverAs: DeliverAs;
  image?: string[] | undefined;
  id?: string | undefined;
  wait?: boolean | undefined;
  timeout?: string | undefined;
  now?: boolean | undefined;
  json?: boolean | undefined;
}

const NEXT = 'Put the prompt in quotes: pisync send [TARGET] "TEXT"';
const MAX_TIMEOUT_S = 7 * 24 * 3600;

/** Gives a session a prompt, and says what became of it. */
export async function send(words: readonly string[], options: SendOptions): Promise<number> {
  const { target, rest } = wordsBehindTarget(words, options, { count: 1, next: NEXT });
  const query = targetQuery(target, options, { env: process.env, kind: "running" });
  const deadline = deadlineOf(options);
  const id = options.id === undefined ? {} : { id: parseId(options.id) };
  const text = await readText(rest[0] ?? "");
  const images = await readImages(options.image ?? []);
  const client = await connectDaemon();
  const session = await client.target(query);
  const deliverAs = options.now ? "now" : options.deliverAs;
  const prompt = await withProgress("Sending", client.send(session.id, { ...id, text, images, deliverAs }));
  if (!options.wait) return told(prompt, options);
  const late = AbortSignal.timeout(deadline);
  const over = client.waitForPrompt(session.id, prompt.id, { signal: late });
  return over.then(
    (ended) => told(ended, options),
    (error: unknown) => {
      if (!late.aborted) throw error;
      return timedOut(prompt);
    },
  );
}

function told(prompt: PromptRecord, { json }: SendOptions): number {
  if (json) print(JSON.stringify({ schemaVersion: 1, ...prompt }));
  else print(`${prompt.disposition} ${prompt.id}`);
  if (prompt.reason !== undefined) note(`pisync: The prompt was ${prompt.state}: ${plainText(prompt.reason)}`);
  return exitCode(prompt);
}

/** Pure. */
export function exitCode({ state, run }: Pick<PromptRecord, "state" | "run">): number {
  if (state === "failed") return EXIT.failed;
  if (run === "error") return EXIT.runFailed;
  return state === "cancelled" || run === "aborted" ? EXIT.interrupted : EXIT.done;
}

function timedOut({ id }: PromptRecord): number {
  note(`pisync: The run has not ended in time; it goes on. The prompt's id is ${id}.`);
  return EXIT.timedOut;
}

/** In milliseconds. @throws PisyncError `usage`. */
function deadlineOf({ timeout, wait }: SendOptions): number {
  const seconds = timeout === undefined ? MAX_TIMEOUT_S : Number(timeout);
  if (timeout !== undefined && !wait)
    throw new PisyncError("usage", "--timeout is for --wait.", { next: "Add --wait." });
  if (seconds > 0 && seconds <= MAX_TIMEOUT_S) return seconds * 1000;
  throw new PisyncError("usage", `--timeout is ${JSON.stringify(timeout)}, which is no number of seconds.`, {
    next: "Try: --timeout 600",
  });
}

function parseId(id: string): string {
  if (PromptId.safeParse(id).success) return id;
  throw new PisyncError("usage", "A prompt's id has 1 to 64 letters, digits, _ and -.", {
    next: "Leave --id away to have one made.",
  });
}
