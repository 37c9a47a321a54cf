import { dirname, join } from "node:path";
import type { ConversationRoot } from "../conversation-adapter.ts";
import { trustedFolders } from "./project-trust.ts";
import {
  agentDirectoryOf,
  globalSessionDir,
  piPath,
  projectSessionDir,
  sessionDirectory,
  type PiPlace,
} from "./session-directory.ts";

/** Two different working directories: what both lead to does not depend on one. */
const ANYWHERE = ["/", "/x"] as const;

/**
 * Where pi keeps conversations with this environment: the agent directory's `sessions`, in a folder for each working
 * directory, and the directory of PI_CODING_AGENT_SESSION_DIR, of the global settings' `sessionDir` or of a trusted
 * project's, in itself. A relative path of the first two is another place for each working directory; those, and the
 * projects below a trusted folder, become known when pi is started there.
 */
export async function conversationRoots(env: Record<string, string>): Promise<ConversationRoot[]> {
  const agentDirectory = fixedPlace((cwd) => agentDirectoryOf(env, cwd));
  const setting = agentDirectory && (await globalSessionDir(agentDirectory));
  const shared = [env.PI_CODING_AGENT_SESSION_DIR, setting].flatMap((path) => {
    const place = path ? fixedPlace((cwd) => piPath(path, env, cwd)) : undefined;
    return place ?? [];
  });
  if (agentDirectory) shared.push(...(await projectPlaces(agentDirectory, env)));
  const own = agentDirectory ? [join(agentDirectory, "sessions")] : [];
  return [
    ...own.map((path): ConversationRoot => ({ path, depth: 1 })),
    ...[...new Set(shared)].map((path): ConversationRoot => ({ path, depth: 0 })),
  ];
}

/** The `sessionDir` of each project that pi was told to trust. */
async function projectPlaces(agentDirectory: string, env: Record<string, string>): Promise<string[]> {
  const folders = await trustedFolders(agentDirectory);
  const places = folders.map(async (folder) => {
    const path = await projectSessionDir(folder);
    return path ? (pathIn(folder, path, env) ?? []) : [];
  });
  return (await Promise.all(places)).flat();
}

/** Undefined for a file: URL that names no path. */
function pathIn(cwd: string, path: string, env: Record<string, string>): string | undefined {
  try {
    return piPath(path, env, cwd);
  } catch {
    return undefined;
  }
}

/** Where a pi that is started there keeps its conversations: the folders of other working directories lie beside its own. */
export async function conversationRootsOf(place: PiPlace): Promise<ConversationRoot[]> {
  // A file: URL that names no path leads nowhere.
  const directory = await sessionDirectory(place).catch(() => undefined);
  if (directory === undefined) return [];
  const { path, shared } = directory;
  return [shared ? { path, depth: 0 } : { path: dirname(path), depth: 1 }];
}

function fixedPlace(placeFor: (cwd: string) => string): string | undefined {
  try {
    const [place, elsewhere] = ANYWHERE.map(placeFor);
    return place === elsewhere ? place : undefined;
  } catch {
    // A file: URL that names no path.
    return undefined;
  }
}
