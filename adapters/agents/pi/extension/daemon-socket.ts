import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** As in runtime/paths.ts, which cannot be imported here; a test compares the two. */
const MAX_SOCKET_PATH_BYTES = 103;
const LONGEST_SOCKET_NAME = "zzzzzzzz-1000000.sock";

/**
 * Where the daemon of this environment's state directory listens; undefined when PISYNC_STATE_DIR is relative,
 * which every pisync refuses.
 */
export function daemonSocket(env: NodeJS.ProcessEnv): string | undefined {
  const chosen = env.PISYNC_STATE_DIR;
  if (chosen && !isAbsolute(chosen)) return undefined;
  const states = env.XDG_STATE_HOME;
  const base = states && isAbsolute(states) ? states : join(env.HOME || homedir(), ".local/state");
  const stateDirectory = chosen ? resolve(chosen) : join(base, "pisync");
  const usual = join(stateDirectory, "run");
  if (Buffer.byteLength(join(usual, LONGEST_SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES) return join(usual, "daemon.sock");
  const hash = createHash("sha256").update(stateDirectory).digest("hex").slice(0, 8);
  return join("/tmp", `pisync-${process.getuid?.() ?? 0}-${hash}`, "daemon.sock");
}
