import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { AgentAdapter } from "../adapters/agents/agent-adapter.ts";
import type { AgentAvailability, AgentList } from "../protocol/daemon-state.ts";
import type { AgentName } from "../protocol/session.ts";
import { SCHEMA_VERSION } from "../protocol/version.ts";
import { PisyncError } from "../runtime/failure.ts";
import { findProgram } from "../runtime/find-program.ts";
import { plainText } from "../runtime/sanitise.ts";

const ANSWER_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Whoever started the daemon is about to start an agent, which must not compete with a second one. */
const FIRST_LOOK_AFTER_MS = 3_000;

export interface AgentAvailabilityOptions {
  adapters: Readonly<Record<AgentName, AgentAdapter>>;
  /** Whose PATH is searched: the daemon's own. A launch brings its own and is not affected. */
  env: Record<string, string>;
  firstLookAfterMs?: number;
}

/** Which agents can be launched on this machine: those whose program answers `--version`. */
export interface AgentAvailabilities {
  /** What was found last, or now if nobody has looked. With `again`, looks in any case. */
  list(options?: { again?: boolean }): Promise<AgentList>;
  /** Ends looks that are going on. */
  close(): void;
}

/** Looks for the first time a little later, so that it delays nobody. */
export function createAgentAvailabilities(options: AgentAvailabilityOptions): AgentAvailabilities {
  const { adapters, env, firstLookAfterMs = FIRST_LOOK_AFTER_MS } = options;
  const closing = new AbortController();
  let found: Promise<AgentList> | undefined;
  let looking: Promise<AgentList> | undefined;

  function look(): Promise<AgentList> {
    looking ??= Promise.all(
      Object.values(adapters).flatMap(({ name, program }) =>
        program === undefined ? [] : [availabilityOf(name, program, env, closing.signal)],
      ),
    )
      .then((agents): AgentList => ({ schemaVersion: SCHEMA_VERSION, agents }))
      .finally(() => (looking = undefined));
    return (found = looking);
  }

  const timer = setTimeout(() => void (found ?? look()), firstLookAfterMs).unref();
  return {
    list: ({ again = false } = {}) => (again ? look() : (found ?? look())),
    close() {
      clearTimeout(timer);
      closing.abort();
    },
  };
}

/** Runs the program itself, without a shell, in no project's directory. Never rejects. */
async function availabilityOf(
  agent: AgentName,
  program: string,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<AgentAvailability> {
  const answer = (facts: Omit<AgentAvailability, "agent" | "checkedAt">) => ({
    agent,
    ...facts,
    checkedAt: Date.now(),
  });
  try {
    const path = await findProgram(program, env, "/");
    const shown = { path: plainText(path, { maxCells: 1_000 }) };
    const version = await versionOf(path, env, signal).catch((error: unknown) => whyNot(error));
    if (typeof version === "string") return answer({ available: true, version, ...shown });
    return answer({ available: false, ...shown, reason: `${program} --version ${version.reason}.` });
  } catch (error) {
    const reason = error instanceof PisyncError ? error.message : "It could not be looked for.";
    return answer({ available: false, reason: plainText(reason, { maxCells: 400 }) });
  }
}

interface Refusal {
  reason: string;
}

/** pi 0.73 prints its version on standard error. */
async function versionOf(path: string, env: Record<string, string>, signal: AbortSignal): Promise<string | Refusal> {
  const running = promisify(execFile)(path, ["--version"], {
    cwd: "/",
    env,
    signal,
    timeout: ANSWER_MS,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: "utf8",
  });
  running.child.stdin?.end();
  const { stdout, stderr } = await running;
  const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(`${stdout}\n${stderr}`)?.[0].slice(0, 64);
  return version ?? { reason: "names no version: it may be another program" };
}

function whyNot(error: unknown): Refusal {
  const { killed, code, signal } = error as { killed?: boolean; code?: unknown; signal?: unknown };
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return { reason: "prints without end" };
  if (killed) return { reason: `gave no answer within ${ANSWER_MS / 1_000} seconds` };
  if (typeof code === "number") return { reason: `ended with exit code ${code}` };
  if (typeof signal === "string") return { reason: `was ended by ${signal}` };
  return { reason: `could not be run (${typeof code === "string" ? code : "unknown"})` };
}
