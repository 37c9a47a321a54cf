import { realpath } from "node:fs/promises";
import type { Degraded, SessionRecord } from "../../../protocol/session.ts";
import { NO_EXTENSION_VARIABLE } from "../../../protocol/user-variables.ts";
import { PisyncError } from "../../../runtime/failure.ts";
import { findProgram } from "../../../runtime/find-program.ts";
import type { AgentAdapter, LaunchPlan, LaunchPlanRequest } from "../agent-adapter.ts";
import type { ConversationRoot } from "../conversation-adapter.ts";
import { readPiArguments, type PiArguments } from "./arguments.ts";
import { environmentBehind, recognisePi, type RecognisedPi } from "./command-line.ts";
import { conversationRootsOf } from "./conversation-roots.ts";
import {
  findById,
  readConversation,
  resolveSelection,
  type ResolvedSelection,
  type StoredConversation,
} from "./conversations.ts";
import type { PiPlace } from "./session-directory.ts";

/** Options that choose or rename a conversation: a resume says itself which one it is, and keeps its name. */
const SELECTING = new Set(["session", "session-id", "continue", "resume", "fork", "name"]);

/** A pi about to be started, its command line taken apart. */
interface PiStart {
  argv: string[];
  cwd: string;
  pi: RecognisedPi;
  /** pi's own arguments. */
  args: string[];
  read: PiArguments;
  /** Where pi will look for conversations; absent when a wrapper hides it. */
  place?: PiPlace;
}

/** Starts pi with the extension, and so that it opens exactly the conversation that was leased for it. */
export function createPiAdapter(): AgentAdapter {
  return { name: "pi", program: "pi", plan, planResume, conversationRoots };
}

async function plan({ argv, cwd, env, extensionPath }: LaunchPlanRequest): Promise<LaunchPlan> {
  const start = await startOf(argv, cwd, env);
  const { read, place } = start;
  const resolved = read.interactive && place ? await resolveSelection(read.selection, place) : undefined;
  const args = resolved && place ? pinned(start, resolved, place) : start.args;
  return { ...(await commandFor(start, args, { env, extensionPath })), ...leaseFor(resolved) };
}

async function planResume(
  record: SessionRecord,
  context: { env: Record<string, string>; extensionPath: string; promptsWait: boolean },
): Promise<LaunchPlan> {
  const start = await startOf(record.argv, record.cwd, context.env);
  const conversation = await conversationToResume(record, start.place);
  if (conversation === undefined && !context.promptsWait) throw nothingToResume(record);
  const kept = start.read.words
    .filter(({ kind, name = "" }) => kind === "option" && !SELECTING.has(name))
    .filter(({ name }) => conversation === undefined || name !== "no-session")
    .flatMap((word) => start.args.slice(word.start, word.end));
  const selection = conversation === undefined ? [] : ["--session", conversation.path];
  const command = await commandFor(start, [...selection, ...kept], context);
  return { ...command, ...leaseFor(conversation && { kind: "stored", conversation }) };
}

async function conversationRoots({
  argv,
  cwd,
  env,
}: Pick<LaunchPlanRequest, "argv" | "cwd" | "env">): Promise<ConversationRoot[]> {
  const { place } = await startOf(argv, cwd, env);
  return place ? conversationRootsOf(place) : [];
}

async function startOf(argv: string[], cwd: string, env: Record<string, string>): Promise<PiStart> {
  // Whoever chose this adapter has decided that the command is pi.
  const pi: RecognisedPi = recognisePi(argv, { override: true }) ?? { programIndex: 0, argsIndex: 1 };
  const args = argv.slice(pi.argsIndex);
  const read = readPiArguments(args);
  const behind = environmentBehind(argv, pi, env);
  const place = behind && { cwd: await realpath(cwd).catch(() => cwd), env: behind, sessionDir: read.sessionDir };
  return { argv, cwd, pi, args, read, place };
}

/** What to run: the extension in front of `args` where that is safe and wanted, all else as typed. */
async function commandFor(
  { argv, cwd, pi, args: typed, read }: PiStart,
  args: string[],
  { env, extensionPath }: { env: Record<string, string>; extensionPath: string },
): Promise<Omit<LaunchPlan, "conversationKeys" | "conversation">> {
  const degraded = withoutExtension(read, env);
  const words = degraded ? args : ["-e", extensionPath, ...args];
  const separator = pi.separator === undefined ? [] : [pi.separator];
  const whole = words === typed ? argv : [...argv.slice(0, pi.argsIndex), ...separator, ...words];
  return {
    file: await findProgram(argv[0] ?? "", env, cwd),
    args: whole.slice(1),
    cwd,
    expectsExtension: degraded === undefined,
    degraded,
  };
}

function withoutExtension(read: PiArguments, env: Record<string, string>): Degraded | undefined {
  if (!read.interactive) {
    return { reason: "not-injected", detail: `pi runs without the pisync extension, because ${read.why}.` };
  }
  if (env[NO_EXTENSION_VARIABLE] !== "1") return undefined;
  const detail = `${NO_EXTENSION_VARIABLE}=1 was set: pi runs without the pisync extension, so its conversation and its runs are not known.`;
  return { reason: "switched-off", detail };
}

/**
 * pi's arguments with `-c` and the value of `--session` replaced by the path they lead to now, so that pi
 * cannot open another conversation than the one leased. `-c` onto a conversation of another directory stays:
 * pi continues it here, but would open it there. So does `--session-id`, of which there is only one.
 */
function pinned({ args, read }: PiStart, resolved: ResolvedSelection, place: PiPlace): string[] {
  const { kind } = read.selection;
  const opensHere = resolved.kind === "stored" && resolved.conversation.cwd === place.cwd;
  if (resolved.kind === "new-id" || (kind !== "session" && (kind !== "continue" || !opensHere))) return args;
  const path = resolved.kind === "stored" ? resolved.conversation.path : resolved.path;
  const option = read.words.findLast((word) => word.name === kind);
  return option ? args.toSpliced(option.start, option.end - option.start, "--session", path) : args;
}

function leaseFor(resolved: ResolvedSelection | undefined): Pick<LaunchPlan, "conversationKeys" | "conversation"> {
  switch (resolved?.kind) {
    case undefined:
      return { conversationKeys: [] };
    case "new-id":
      return { conversationKeys: [`id:${resolved.id}`] };
    case "new-path":
      return { conversationKeys: [`path:${resolved.path}`] };
    case "stored": {
      const { id, path } = resolved.conversation;
      return { conversationKeys: [`id:${id}`], conversation: { id, path } };
    }
  }
}

/** Undefined when it is not on disk. */
async function conversationToResume(
  record: SessionRecord,
  place: PiPlace | undefined,
): Promise<StoredConversation | undefined> {
  const { id, path } = record.conversation ?? {};
  const there = path === undefined ? undefined : await readConversation(path);
  if (there && there.id === id) return there;
  return id === undefined || place === undefined ? undefined : findById(id, place);
}

function nothingToResume(record: SessionRecord): PisyncError {
  const path = record.conversation?.path;
  return new PisyncError(
    "nothing-to-resume",
    path === undefined ? "This session saved no conversation." : "The conversation of this session is not on disk.",
    { next: "Start a new one with `pisync pi`.", facts: { session: record.id, ...(path ? { path } : {}) } },
  );
}
