import type { PisyncClient } from "../../client/pisync-client.ts";
import { PromptId, type DeliverAs, type PromptRecord, type PromptRequest } from "../../protocol/prompts.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { connectDaemon } from "../connect-daemon.ts";
import { EXIT, note, print, reportFailure, withProgress } from "../output.ts";
import { readImages, readText } from "../prompt-input.ts";
import { sessionsOf, worstCode } from "../several-targets.ts";
import { wordBehindTargets } from "../target-words.ts";
import type { TargetFilters } from "../target.ts";

export interface SendOptions extends TargetFilters {
  deliverAs: DeliverAs;
  image?: string[] | undefined;
  id?: string | undefined;
  wait?: boolean | undefined;
  timeout?: string | undefined;
  now?: boolean | undefined;
  json?: boolean | undefined;
}

const NEXT = 'Put the prompt in quotes: pisync send [TARGET...] "TEXT"';
const MAX_TIMEOUT_S = 7 * 24 * 3600;

/** Gives one or several sessions a prompt, and says what became of it. */
export async function send(words: readonly string[], options: SendOptions): Promise<number> {
  const { targets, word } = wordBehindTargets(words, options, NEXT);
  const deadlineMs = deadlineOf(options);
  const id = options.id === undefined ? {} : { id: parseId(options.id) };
  const text = await readText(word);
  const images = await readImages(options.image ?? []);
  const client = await connectDaemon();
  const sessions = await sessionsOf(client, targets, options, "running").catch((error: unknown) => {
    throw targets.length > 1 ? asUnquoted(error) : error;
  });
  const request = { ...id, text, images, deliverAs: options.now ? ("now" as const) : options.deliverAs };
  const late = AbortSignal.timeout(deadlineMs);
  const sending: Sending = { client, options, request, late, withSession: sessions.length > 1 };
  const [first] = sessions;
  if (sessions.length === 1 && first) return sendTo(first.id, sending);
  // One that refuses says nothing about the others.
  return worstCode(await Promise.all(sessions.map(({ id: session }) => sendTo(session, sending).catch(reportFailure))));
}

interface Sending {
  client: PisyncClient;
  options: SendOptions;
  request: { text: string } & Partial<PromptRequest>;
  late: AbortSignal;
  withSession: boolean;
}

/** Its exit code. */
async function sendTo(session: string, sending: Sending): Promise<number> {
  const { client, options, request, late } = sending;
  const prompt = await withProgress("Sending", client.send(session, request));
  if (!options.wait) return told(session, prompt, sending);
  try {
    return told(session, await client.waitForPrompt(session, prompt.id, { signal: late }), sending);
  } catch (error) {
    if (!late.aborted) throw error;
    note(`pisync: The run of ${session} has not ended in time; it goes on. The prompt's id is ${prompt.id}.`);
    return EXIT.timedOut;
  }
}

function told(session: string, prompt: PromptRecord, { options, withSession }: Sending): number {
  const where = withSession ? `${session} ` : "";
  if (options.json) print(JSON.stringify({ schemaVersion: 1, session, ...prompt }));
  else print(`${where}${prompt.disposition} ${prompt.id}`);
  if (prompt.reason !== undefined) note(`pisync: ${where}The prompt was ${prompt.state}: ${plainText(prompt.reason)}`);
  return exitCode(prompt);
}

/** Many words are as likely a prompt without quotes. */
function asUnquoted(error: unknown): unknown {
  if (!(error instanceof PisyncError) || error.code !== "no-such-target") return error;
  return new PisyncError(error.code, error.message, { next: NEXT, facts: error.facts, cause: error });
}

/** Pure. */
export function exitCode({ state, run }: Pick<PromptRecord, "state" | "run">): number {
  if (state === "failed") return EXIT.failed;
  if (run === "error") return EXIT.runFailed;
  return state === "cancelled" || run === "aborted" ? EXIT.interrupted : EXIT.done;
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
