import type { ConversationRoot } from "./conversation-adapter.ts";
import type { AgentName, Conversation, Degraded, SessionRecord } from "../../protocol/session.ts";

/** What a launcher asked for. */
export interface LaunchPlanRequest {
  /** The command line as typed. */
  argv: string[];
  /** An existing absolute directory. */
  cwd: string;
  /** The launcher's environment: never stored, never logged. */
  env: Record<string, string>;
  /** The file to inject into pi. */
  extensionPath: string;
}

/** What a host is to run, and what it must hold exclusively before it does. */
export interface LaunchPlan {
  /** Absolute, found on the PATH of the launch environment. */
  file: string;
  /** Without argv[0]. */
  args: string[];
  cwd: string;
  /** `id:<header id>` and `path:<real path>` of the conversation that will be written; empty when it is a new one. */
  conversationKeys: string[];
  conversation?: Conversation;
  /** True when the extension was injected, so that its silence is worth saying. */
  expectsExtension: boolean;
  /** Known before the start, e.g. switched off by the user. */
  degraded?: Degraded;
}

/**
 * How one kind of program is started and started again. Planning only looks; it starts nothing.
 * Both reject with PisyncError: `program-not-found`, and `planResume` with `nothing-to-resume` when the
 * session left nothing that could be continued and no prompt waits for it (`promptsWait`): then it is started anew.
 */
export interface AgentAdapter {
  readonly name: AgentName;
  /** It can be launched where this program answers `--version`; absent when it is no program of its own. */
  readonly program?: string;
  plan(request: LaunchPlanRequest): Promise<LaunchPlan>;
  planResume(
    record: SessionRecord,
    context: { env: Record<string, string>; extensionPath: string; promptsWait: boolean },
  ): Promise<LaunchPlan>;
  /** Where a program that is started so keeps its conversations, as far as that can be told. */
  conversationRoots(start: Pick<LaunchPlanRequest, "argv" | "cwd" | "env">): Promise<ConversationRoot[]>;
}
