import { dirname, join } from "node:path";
import type { ConversationRoot } from "../conversation-adapter.ts";
import { agentDirectoryOf, globalSessionDir, piPath, sessionDirectory, type PiPlace } from "./session-directory.ts";

/** Two different working directories: what both lead to does not depend on one. */
const ANYWHERE = ["/", "/x"] as const;

/**
 * Where pi keeps conversations with this environment: the agent directory's `sessions`, in a folder for each working
 * directory, and the directory of PI_CODING_AGENT_SESSION_DIR or of the global settings' `sessionDir`, in itself. A
 * relative path is another place for each working directory, as a project's `sessionDir` is; those become known when pi
 * is started there.
 */
export async function conversationRoots(env: Record<string, string>): Promise<ConversationRoot[]> {
  const agentDirectory = fixedPlace((cwd) => agentDirectoryOf(env, cwd));
  const setting = agentDirectory && (await globalSessionDir(agentDirectory));
  const shared = [env.PI_CODING_AGENT_SESSION_DIR, setting].flatMap((path) => {
    const place = path ? fixedPlace((cwd) => piPath(path, env, cwd)) : undefined;
    return place ?? [];
  });
  const own = agentDirectory ? [join(agentDirectory, "sessions")] : [];
  return [
    ...own.map((path): ConversationRoot => ({ path, depth: 1 })),
    ...[...new Set(shared)].map((path): ConversationRoot => ({ path, depth: 0 })),
  ];
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
