import { findProgram } from "../../../runtime/find-program.ts";
import type { AgentAdapter, LaunchPlan } from "../agent-adapter.ts";

/** Any program without a conversation: it is run as typed, and resuming runs it again. */
export function createCommandAdapter(): AgentAdapter {
  return {
    name: "command",
    plan: ({ argv, cwd, env }) => planCommand(argv, cwd, env),
    planResume: (record, { env }) => planCommand(record.argv, record.cwd, env),
    conversationRoots: () => Promise.resolve([]),
  };
}

async function planCommand(argv: string[], cwd: string, env: Record<string, string>): Promise<LaunchPlan> {
  const [name = "", ...args] = argv;
  const file = await findProgram(name, env, cwd);
  return { file, args, cwd, conversationKeys: [], expectsExtension: false };
}
