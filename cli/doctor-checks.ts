import { execFile } from "node:child_process";
import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { loadConfig } from "../runtime/config.ts";
import { PisyncError, systemErrorCode } from "../runtime/failure.ts";
import { findProgram } from "../runtime/find-program.ts";
import { configuredKeys } from "../runtime/keybindings.ts";
import { MAX_SOCKET_PATH_BYTES, statePaths, type StatePaths } from "../runtime/paths.ts";
import { errorText, plainText } from "../runtime/sanitise.ts";
import { ensurePrivateDirectory } from "../runtime/secure-directory.ts";
import { compareVersions, distFile, PACKAGE_VERSION } from "../runtime/version.ts";
import { agents, conversations, daemon } from "./doctor-daemon.ts";
import { installedCompletion, installedShim, observeInstalled } from "./doctor-installed.ts";
import { tmux, tmuxKeys, tmuxSettings } from "./doctor-tmux.ts";
import { installedExtension } from "./install/extension-target.ts";
import { withInstallHint } from "./install-hint.ts";

/**
 * One thing looked at. `fault` keeps pisync from working, `advice` would make it work better, `skipped` was not
 * looked at because of another fault.
 */
export interface Finding {
  subject: string;
  verdict: "ok" | "advice" | "fault" | "skipped";
  detail: string;
  /** What to do about it, or more about it, in one or more lines. */
  next?: string;
}

export type Observed = Omit<Finding, "subject">;

/** The first pi whose events pisync can follow in full. */
const FULL_SUPPORT = "0.84.4";
const WITHOUT_EXTENSION = "a pi that pisync did not start is known by its files";
const NOT_CHECKED = { verdict: "skipped", detail: "not checked" } as const;
const ANSWER_MS = 10_000;

/** Looks at everything pisync depends on. Starts nothing that stays, and never rejects. */
export async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const usable = usableState(env);
  const defined = definedOnly(env);
  /** For what lies in the state directory: there is nothing to see while that is at fault. */
  const within = async (look: (paths: StatePaths) => Observed | Promise<Observed>) => {
    const paths = await usable.catch(() => undefined);
    return paths === undefined ? NOT_CHECKED : look(paths);
  };
  const checks: [subject: string, look: () => Promise<Observed>][] = [
    ["pisync", () => Promise.resolve({ verdict: "ok", detail: `${PACKAGE_VERSION}, Node ${process.versions.node}` })],
    ["node-pty", nodePty],
    ["pi", () => pi(env)],
    ["extension", () => observeInstalled(installedExtension(defined), WITHOUT_EXTENSION)],
    ["state directory", async () => stateDirectory(await usable)],
    ["sockets", () => within(sockets)],
    ["configuration", () => configuration(env)],
    ["daemon", () => within(daemon)],
    ["launching", () => within(agents)],
    ["conversations", () => within(conversations)],
    ["tmux", () => tmux(defined)],
    ["tmux settings", () => tmuxSettings(defined)],
    ["tmux keys", () => tmuxKeys(defined)],
    ["shim", () => installedShim(defined)],
    ["completions", () => installedCompletion(defined)],
  ];
  return Promise.all(checks.map(async ([subject, look]) => ({ subject, ...(await look().catch(fault)) })));
}

/** In a process of its own: only a host loads it, and a broken build of it would end this one. */
async function nodePty(): Promise<Observed> {
  try {
    const script = 'await import("node-pty")';
    await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: dirname(distFile("host.js")) });
    return { verdict: "ok", detail: "loads" };
  } catch (error) {
    return {
      verdict: "fault",
      detail: `does not load: ${plainText(errorText(error), { maxCells: 160 })}`,
      next: `Install pisync again on this machine (${process.platform}-${process.arch}).`,
    };
  }
}

async function pi(env: NodeJS.ProcessEnv): Promise<Observed> {
  const file = await findProgram("pi", definedOnly(env), process.cwd()).catch(withInstallHint);
  // Some versions print it on standard error.
  const { stdout, stderr } = await run(file, ["--version"], {});
  const version = /\d+\.\d+\.\d+\S*/.exec(`${stdout}\n${stderr}`)?.[0];
  if (version === undefined) {
    return {
      verdict: "advice",
      detail: `${plainText(file)} says no version`,
      next: "Check that it is the coding agent pi.",
    };
  }
  if (compareVersions(version, FULL_SUPPORT) < 0) {
    return {
      verdict: "advice",
      detail: `${version}: pisync sees less than it could`,
      next: `Update pi to ${FULL_SUPPORT} or newer.`,
    };
  }
  return { verdict: "ok", detail: `${version}, ${plainText(file)}` };
}

/** The layout of a state directory that can be used, or made. @throws PisyncError when it cannot. */
async function usableState(env: NodeJS.ProcessEnv): Promise<StatePaths> {
  const paths = statePaths(env);
  if (await isThere(paths.stateDirectory)) await ensurePrivateDirectory(paths.stateDirectory);
  return paths;
}

async function stateDirectory({ stateDirectory: directory }: StatePaths): Promise<Observed> {
  const found = (await isThere(directory)) ? "yours alone" : "made on first use";
  return { verdict: "ok", detail: `${plainText(directory)}, ${found}` };
}

async function isThere(directory: string): Promise<boolean> {
  try {
    await lstat(directory);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    if (systemErrorCode(error) !== "ENOTDIR") throw error;
    throw new PisyncError("unsafe-directory", `A part of the path ${plainText(directory)} is not a directory.`, {
      next: "Name another directory in PISYNC_STATE_DIR.",
    });
  }
}

function sockets(paths: StatePaths): Observed {
  const moved = !paths.runDirectory.startsWith(paths.stateDirectory);
  const why = moved ? `, because a socket path has at most ${MAX_SOCKET_PATH_BYTES} bytes` : "";
  return { verdict: "ok", detail: `${plainText(paths.runDirectory)}${why}` };
}

async function configuration(env: NodeJS.ProcessEnv): Promise<Observed> {
  const { detachKey, scrollback, keys } = await loadConfig(env);
  // Refuses what the sidebar refuses.
  configuredKeys(keys);
  return { verdict: "ok", detail: `detach key ${detachKey}, ${scrollback} lines of scrollback` };
}

function run(file: string, args: string[], options: { cwd?: string }) {
  return promisify(execFile)(file, args, { ...options, timeout: ANSWER_MS, maxBuffer: 1024 * 1024, encoding: "utf8" });
}

function fault(error: unknown): Observed {
  const next = error instanceof PisyncError ? error.next : undefined;
  return { verdict: "fault", detail: errorText(error), ...(next === undefined ? {} : { next }) };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
