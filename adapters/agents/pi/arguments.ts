import { recognisePi } from "./command-line.ts";

/** One of pi's own arguments with the words it takes: `start` inclusive, `end` exclusive. */
export interface PiArgument {
  kind: "option" | "message" | "file" | "rest";
  start: number;
  end: number;
  /** The long name of an option, without dashes: `session`. */
  name?: string;
  value?: string;
}

/** Which conversation pi will open, decided in the order in which pi 0.87.1 asks itself (dist/main.js). */
export type Selection =
  | { kind: "session"; value: string }
  | { kind: "session-id"; value: string }
  | { kind: "continue" }
  /** A new one, one that the user picks later (`-r`), a copy (`--fork`), none at all, or a usage error of pi's. */
  | { kind: "unknown" };

export interface PiArguments {
  /** True when pi will draw its TUI, given a terminal. */
  interactive: boolean;
  /** Why, as the end of a sentence: "-p prints an answer and exits". */
  why: string;
  subcommand?: string;
  session?: string;
  sessionId?: string;
  continue: boolean;
  resume: boolean;
  fork?: string;
  noSession: boolean;
  sessionDir?: string;
  name?: string;
  selection: Selection;
  words: PiArgument[];
}

const SUBCOMMANDS = ["install", "remove", "uninstall", "update", "list", "config", "auth", "mcp"];

const SHORT_NAMES: Readonly<Record<string, string>> = {
  "-h": "help",
  "-v": "version",
  "-p": "print",
  "-c": "continue",
  "-r": "resume",
  "-n": "name",
  "-e": "extension",
  "-t": "tools",
  "-xt": "exclude-tools",
  "-nt": "no-tools",
  "-nbt": "no-builtin-tools",
  "-ne": "no-extensions",
  "-ns": "no-skills",
  "-np": "no-prompt-templates",
  "-nc": "no-context-files",
  "-a": "approve",
  "-na": "no-approve",
};

type Takes = (next: string) => boolean;
const always: Takes = () => true;
const never: Takes = () => false;
const unlessOption: Takes = (next) => !next.startsWith("-");
const unlessOptionOrFile: Takes = (next) => !next.startsWith("-") && !next.startsWith("@");
const printsMessage: Takes = (next) => !next.startsWith("@") && (!next.startsWith("-") || next.startsWith("---"));

const rule = (takes: Takes, names: string) => names.split(" ").map((name): [string, Takes] => [name, takes]);

/** Whether pi's parser takes the next word as the option's value (dist/cli/args.js of 0.73.1, 0.87.1, 1.5.2). */
const OPTIONS: ReadonlyMap<string, Takes> = new Map([
  ...rule(always, "provider model models api-key system-prompt append-system-prompt thinking tools exclude-tools"),
  ...rule(always, "name session session-id session-dir fork export extension skill prompt-template theme"),
  ...rule(unlessOption, "mode use-theme tui-mode"),
  ...rule(unlessOptionOrFile, "list-models"),
  ...rule(printsMessage, "print"),
  ...rule(never, "help version continue resume no-session no-tools no-builtin-tools no-extensions no-mcp no-skills"),
  ...rule(never, "no-prompt-templates no-themes no-context-files verbose approve no-approve offline"),
]);

/** Options with which pi draws no TUI, and what it does instead. */
const NOT_INTERACTIVE: Readonly<Record<string, string>> = {
  print: "-p prints an answer and exits",
  mode: "--mode is for programs, not for a terminal",
  help: "--help prints and exits",
  version: "--version prints and exits",
  export: "--export writes a file and exits",
  "list-models": "--list-models prints and exits",
};

/** Reads the arguments that follow pi's name, the way pi's own parser does. */
export function readPiArguments(args: readonly string[]): PiArguments {
  const words = splitArguments(args);
  const value = (name: string) => words.findLast((word) => word.name === name && word.value !== undefined)?.value;
  const has = (name: string) => words.some((word) => word.name === name);

  const subcommand = SUBCOMMANDS.find((name) => name === args[0]);
  const quiet = Object.keys(NOT_INTERACTIVE).find(has);
  const otherwise = subcommand === undefined ? quiet && NOT_INTERACTIVE[quiet] : `\`pi ${subcommand}\` is no session`;

  const read = {
    interactive: otherwise === undefined,
    why: otherwise ?? "pi draws its screen",
    subcommand,
    session: value("session"),
    sessionId: value("session-id"),
    continue: has("continue"),
    resume: has("resume"),
    fork: value("fork"),
    noSession: has("no-session"),
    sessionDir: value("session-dir"),
    name: value("name"),
  };
  return { ...read, selection: selectionOf(read), words };
}

/**
 * True when the CLI must run the real program unchanged and unmanaged: pi that draws no screen, or pi without
 * a terminal on both sides (then it prints). Never for a command that is not pi.
 */
export function shouldPassThrough(
  argv: readonly string[],
  context: { stdinIsTerminal: boolean; stdoutIsTerminal: boolean; override?: boolean },
): boolean {
  const pi = recognisePi(argv, { override: context.override });
  if (!pi) return false;
  if (!context.stdinIsTerminal || !context.stdoutIsTerminal) return true;
  return !readPiArguments(argv.slice(pi.argsIndex)).interactive;
}

function selectionOf(read: Omit<PiArguments, "selection" | "words">): Selection {
  if (read.noSession || read.fork) return { kind: "unknown" };
  const conflicting = read.sessionId !== undefined && (read.session || read.continue || read.resume);
  if (conflicting) return { kind: "unknown" };
  if (read.session) return { kind: "session", value: read.session };
  if (read.resume) return { kind: "unknown" };
  if (read.continue) return { kind: "continue" };
  return read.sessionId ? { kind: "session-id", value: read.sessionId } : { kind: "unknown" };
}

function splitArguments(args: readonly string[]): PiArgument[] {
  const words: PiArgument[] = [];
  for (let start = 0; start < args.length; start = words.at(-1)?.end ?? args.length) {
    words.push(argumentAt(args, start));
  }
  return words;
}

function argumentAt(args: readonly string[], start: number): PiArgument {
  const word = args[start] ?? "";
  const next = args[start + 1];
  if (word === "--") return { kind: "rest", start, end: args.length };
  if (word.startsWith("@")) return { kind: "file", start, end: start + 1 };
  if (!word.startsWith("-")) return { kind: "message", start, end: start + 1 };
  if (!word.startsWith("--") && SHORT_NAMES[word] === undefined) return { kind: "option", start, end: start + 1 };
  const name = SHORT_NAMES[word] ?? word.slice(2);
  if (next !== undefined && takes(name, next)) return { kind: "option", start, end: start + 2, name, value: next };
  return { kind: "option", start, end: start + 1, name };
}

/** Flags pi does not know belong to extensions: one without `=` takes a following word that is no option. */
function takes(name: string, next: string): boolean {
  return !name.includes("=") && (OPTIONS.get(name) ?? unlessOptionOrFile)(next);
}
