import type { EventData } from "../../protocol/events.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { checkName } from "../names.ts";
import { EXIT, print } from "../output.ts";
import { namesSession, targetQuery, type TargetFilters } from "../target.ts";
import { targetSession } from "../target-session.ts";

/** As EmitRequest has it. */
const MAX_EVENT_NAME = 64;

export interface EmitOptions extends TargetFilters {
  as?: string;
  data?: string;
  json?: boolean;
}

/** Puts an event into a session's log, for its readers. Of two words the first is the target. */
export async function emit(words: readonly string[], options: EmitOptions): Promise<number> {
  const { target, text } = targetAndText(words, options);
  if (options.as !== undefined) checkName(options.as, "Try: --as tests", MAX_EVENT_NAME);
  const data = options.data === undefined ? undefined : parseData(options.data);
  const { client, session } = await targetSession(target, options, { kind: "running" });
  const envelope = await client.emit(session.id, { name: options.as, text, data });
  print(options.json ? JSON.stringify(envelope) : envelope.id);
  return EXIT.done;
}

/** Pure. @throws PisyncError `usage`. */
export function targetAndText(
  words: readonly string[],
  { as: _as, data, json: _json, ...filters }: EmitOptions,
): { target: string | undefined; text: string | undefined } {
  const filtered = namesSession(targetQuery(undefined, filters, { env: {}, kind: "live" }));
  const [first, second] = words;
  if (words.length === 2 && !filtered) return { target: first, text: second };
  if (words.length === 1) return { target: undefined, text: first };
  if (words.length === 0 && data !== undefined) return { target: undefined, text: undefined };
  throw new PisyncError("usage", "Say one text, behind the target when that is not the usual one.", {
    next: "Try: pisync emit 'tests are green'",
  });
}

function parseData(text: string): EventData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as EventData;
  throw new PisyncError("usage", "The value of --data is not a JSON object.", {
    next: `Try: pisync emit --data '{"passed":12}' 'tests are green'`,
  });
}
