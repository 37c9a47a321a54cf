import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { readSettings } from "./settings-file.ts";

/** Where and with what pi is started. */
export interface PiPlace {
  /** Absolute, without symbolic links: what pi's own process.cwd() says. */
  cwd: string;
  /** pi's environment, after what wrappers add to it. */
  env: Record<string, string>;
  /** The value of `--session-dir`. */
  sessionDir?: string;
}

export interface SessionDirectory {
  path: string;
  /**
   * True for a directory that conversations of several working directories share: pi then considers only
   * those of its own.
   */
  shared: boolean;
}

const PiSettings = z.object({ sessionDir: z.string().optional() });

/**
 * The directory pi looks conversations up in: `--session-dir`, else PI_CODING_AGENT_SESSION_DIR, else
 * `sessionDir` of the project's and then of the global settings, else the working directory's own folder of
 * the agent directory. As pi 0.87.1 does (dist/main.js, core/session-manager.js); it reads the project's
 * setting before it asks for trust.
 */
export async function sessionDirectory(place: PiPlace): Promise<SessionDirectory> {
  const { cwd, env } = place;
  const agentDirectory = agentDirectoryOf(env, cwd);
  const folder = `--${cwd.replace(/^[/\\]/, "").replace(/[/\\:]/g, "-")}--`;
  const own = join(agentDirectory, "sessions", folder);
  const configured =
    place.sessionDir || env.PI_CODING_AGENT_SESSION_DIR || (await configuredDirectory(agentDirectory, cwd));
  if (!configured) return { path: own, shared: false };
  const path = piPath(configured, env, cwd);
  return { path, shared: path !== own };
}

/** pi's agent directory: PI_CODING_AGENT_DIR, else `~/.pi/agent`. */
export function agentDirectoryOf(env: Record<string, string>, cwd: string): string {
  if (env.PI_CODING_AGENT_DIR) return piPath(env.PI_CODING_AGENT_DIR, env, cwd);
  return join(homeOf(env), ".pi", "agent");
}

/** `sessionDir` of the agent directory's settings, as written there. */
export function globalSessionDir(agentDirectory: string): Promise<string | undefined> {
  return settingOf(join(agentDirectory, "settings.json"));
}

/** `sessionDir` of a project's settings, as written there. */
export function projectSessionDir(cwd: string): Promise<string | undefined> {
  return settingOf(join(cwd, ".pi", "settings.json"));
}

/** A path as pi reads one: `~` and `file:` are understood, a relative one starts at `cwd`. */
export function piPath(path: string, env: Record<string, string>, cwd: string): string {
  if (path === "~") return homeOf(env);
  if (path.startsWith("~/")) return join(homeOf(env), path.slice(2));
  if (path.startsWith("file://")) return fileURLToPath(path);
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path);
}

function homeOf(env: Record<string, string>): string {
  return env.HOME || homedir();
}

async function configuredDirectory(agentDirectory: string, cwd: string): Promise<string | undefined> {
  return (await projectSessionDir(cwd)) ?? (await globalSessionDir(agentDirectory));
}

/** pi starts with a settings file that it cannot read, as if it were empty. */
async function settingOf(file: string): Promise<string | undefined> {
  return (await readSettings(file, PiSettings))?.sessionDir;
}
