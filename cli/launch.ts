import { recognisePi } from "../adapters/agents/pi/command-line.ts";
import { shouldPassThrough } from "../adapters/agents/pi/arguments.ts";
import { requestLaunch } from "../client/request-launch.ts";
import type { LaunchAnswer, LaunchRequest } from "../protocol/daemon-api.ts";
import type { AgentName } from "../protocol/session.ts";
import { ADAPTER_VARIABLE } from "../protocol/user-variables.ts";
import { launchEnvironment } from "../runtime/environment.ts";
import { PisyncError } from "../runtime/failure.ts";
import { statePaths } from "../runtime/paths.ts";
import { plainText } from "../runtime/sanitise.ts";
import { ensureStateDirectories } from "../runtime/secure-directory.ts";
import { newSessionId } from "../runtime/session-id.ts";
import { withInstallHint } from "./install-hint.ts";
import { loadWhile } from "../runtime/load-while.ts";
import { checkName } from "./names.ts";
import { EXIT, note, print, withProgress } from "./output.ts";
import { requireTerminal, terminalSize } from "./view/terminal.ts";

export interface LaunchOptions {
  /** Print the id and return instead of attaching. */
  detach?: boolean | undefined;
  name?: string | undefined;
}

/**
 * Runs a command line in a session and attaches to it, or runs it as it is where pisync has no place: pi that
 * draws no screen, or has no terminal.
 */
export async function launch(argv: readonly string[], options: LaunchOptions): Promise<number> {
  if (options.name !== undefined) checkName(options.name, "Try: --name 'Fix the login bug'");
  const override = adapterOverride(process.env);
  const agent: AgentName = recognisePi(argv, { override }) ? "pi" : "command";
  const terminals = { stdinIsTerminal: process.stdin.isTTY, stdoutIsTerminal: process.stdout.isTTY };
  if (options.detach) {
    if (shouldPassThrough(argv, { stdinIsTerminal: true, stdoutIsTerminal: true, override }))
      throw nothingToDetach(argv);
  } else if (shouldPassThrough(argv, { ...terminals, override })) {
    const { passThrough } = await import("./pass-through.ts");
    return passThrough(argv);
  } else {
    requireTerminal(process.env, `Start it without a view: pisync run --detach -- ${plainText(argv.join(" "))}`);
  }
  return launchIn(currentDirectory(), agent, argv, options);
}

/** Starts a session in that directory and attaches to it, or prints its id. */
export async function launchIn(
  cwd: string,
  agent: AgentName,
  argv: readonly string[],
  options: LaunchOptions,
): Promise<number> {
  const paths = statePaths();
  await ensureStateDirectories(paths);
  const request: LaunchRequest = {
    id: newSessionId(),
    agent,
    argv: [...argv],
    cwd,
    env: launchEnvironment(process.env),
    size: terminalSize(),
    expectsView: !options.detach,
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  return enterSession(() => requestLaunch(paths, request), options);
}

/** Whether a command line runs pi, so that `pisync` before it needs no further word. */
export function recognised(argv: readonly string[]): boolean {
  return recognisePi(argv, { override: adapterOverride(process.env) }) !== undefined;
}

/**
 * Starts a session the given way, then attaches to it or prints its id. When a pi that pisync did not start has the
 * conversation open, the user is asked what to do instead.
 */
export async function enterSession(
  start: () => Promise<LaunchAnswer>,
  options: { detach?: boolean | undefined },
): Promise<number> {
  const answer = withProgress("Starting the session", start());
  if (!options.detach) await loadWhile(answer, () => import("./show-session.ts"));
  const refusal = await answer.then(() => undefined, asOpenElsewhere);
  if (refusal !== undefined && !options.detach) {
    const { chooseInstead } = await import("./open-external.ts");
    return chooseInstead(refusal, () => enterSession(start, options));
  }
  const { session, notice } = await answer.catch(withInstallHint);
  if (notice !== undefined) note(`pisync: ${plainText(notice)}`);
  if (options.detach) {
    print(session.id);
    return EXIT.done;
  }
  const { showSession } = await import("./show-session.ts");
  return showSession(session, "mirror");
}

/** The refusal to open what a pi has open that pisync did not start; undefined when it is another failure. */
function asOpenElsewhere(error: unknown): PisyncError | undefined {
  return error instanceof PisyncError && error.code === "conversation-external" ? error : undefined;
}

/**
 * The user's word on what a command is: true for pi, false for not pi, undefined to look.
 * @throws PisyncError `usage`.
 */
export function adapterOverride(env: NodeJS.ProcessEnv): boolean | undefined {
  const adapter = env[ADAPTER_VARIABLE];
  if (adapter === undefined || adapter === "") return undefined;
  if (adapter === "pi") return true;
  if (adapter === "command") return false;
  throw new PisyncError("usage", `${ADAPTER_VARIABLE} is ${JSON.stringify(adapter)}, which is no adapter.`, {
    next: "Set it to pi or command, or unset it.",
  });
}

function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new PisyncError("cwd-missing", "The directory you are in no longer exists.", {
      next: "Change to one that does, with cd.",
      cause,
    });
  }
}

function nothingToDetach(argv: readonly string[]): PisyncError {
  return new PisyncError("usage", `There is no session in ${plainText(argv.join(" "))}: it prints and exits.`, {
    next: "Leave out --detach.",
  });
}
