/** What follows the verb, read as the `pi-bridge` of pi-session-bridge reads it. */
export interface BridgeArguments {
  json: boolean;
  all: boolean;
  raw: boolean;
  help: boolean;
  deliverAs?: "auto" | "steer" | "followUp" | "now";
  pid?: string;
  socket?: string;
  session?: string;
  name?: string;
  cwd?: string;
  bridgeDir?: string;
  requestId?: string;
  answers?: string;
  event?: string;
  since?: string;
  maxBytes?: string;
  /** Everything else, unknown options too: they may belong to a message. */
  words: string[];
}

type Valued = Exclude<keyof BridgeArguments, "json" | "all" | "raw" | "help" | "deliverAs" | "words">;

const VALUED: Readonly<Record<string, Valued>> = {
  "--pid": "pid",
  "--socket": "socket",
  "--session": "session",
  "--name": "name",
  "--cwd": "cwd",
  "--bridge-dir": "bridgeDir",
  "--request-id": "requestId",
  "--answers": "answers",
  "--event": "event",
  "--since": "since",
  "--max-bytes": "maxBytes",
};

const FLAGS: Readonly<Record<string, Partial<BridgeArguments>>> = {
  "-h": { help: true },
  "--help": { help: true },
  "--json": { json: true },
  "--all": { all: true },
  "--raw": { raw: true },
  "-v": { raw: true },
  "--verbose": { raw: true },
  "--auto": { deliverAs: "auto" },
  "--steer": { deliverAs: "steer" },
  "--follow-up": { deliverAs: "followUp" },
  "--followUp": { deliverAs: "followUp" },
  "--now": { deliverAs: "now" },
};

/** What is wrong with the command line, in one sentence. */
export class UsageError extends Error {}

/** Pure. @throws UsageError when an option lacks its value. */
export function bridgeArguments(words: readonly string[]): BridgeArguments {
  const parsed: BridgeArguments = { json: false, all: false, raw: false, help: false, words: [] };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const valued = Object.hasOwn(VALUED, word) ? VALUED[word] : undefined;
    if (valued !== undefined) {
      const value = words[(at += 1)];
      if (!value) throw new UsageError(`Missing value for ${word}`);
      parsed[valued] = value;
    } else if (Object.hasOwn(FLAGS, word)) Object.assign(parsed, FLAGS[word]);
    else parsed.words.push(word);
  }
  return parsed;
}
