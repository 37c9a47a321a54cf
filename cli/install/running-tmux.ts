import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inspectOwnFile, type OwnFile } from "./own-file.ts";
import type { Piece } from "./pieces.ts";
import { asPattern, ownerOf, TMUX_BINDINGS, type TmuxBinding } from "./tmux-bindings.ts";

const TMUX_MS = 2_000;

type Environment = Record<string, string>;

/** A key that pisync binds, as the running tmux has it. */
export interface PresentKey {
  readonly binding: TmuxBinding;
  /** What list-keys prints of it. */
  readonly listed: string;
  readonly owner: ReturnType<typeof ownerOf>;
}

/**
 * The keys of the tmux around this terminal, else of the one on the usual socket. Undefined when none runs there: it is
 * never started, as that would run the user's configuration.
 */
export async function presentKeys(env: Environment): Promise<readonly PresentKey[] | undefined> {
  if ((await tmux(["list-sessions"], env)) === undefined) return undefined;
  return Promise.all(
    TMUX_BINDINGS.map(async (binding) => {
      const listed = ((await tmux(["list-keys", "-T", binding.table, binding.key], env)) ?? "").trim();
      return { binding, listed, owner: ownerOf(listed) };
    }),
  );
}

/** The bindings in the running tmux, which read its configuration when it started. */
export function runningPiece(file: OwnFile, env: Environment): Piece {
  return {
    async install() {
      const present = await presentKeys(env);
      const isCurrent = (await inspectOwnFile(file)).state === "current";
      if (present === undefined || (isCurrent && present.every(({ owner }) => owner !== "free"))) return undefined;
      return {
        says: ["Binds the keys below in the tmux that runs."],
        apply: async () => void (await tmux(["source-file", asPattern(file.path)], env)),
      };
    },
    async remove() {
      const ours = keysOf(await presentKeys(env));
      if (ours.length === 0) return undefined;
      return {
        says: [`Unbinds in the tmux that runs: ${ours.map(({ name }) => name).join(", ")}.`],
        async apply() {
          // Its user may have bound one meanwhile.
          for (const { table, key } of keysOf(await presentKeys(env)))
            await tmux(["unbind-key", "-T", table, key], env);
        },
      };
    },
  };
}

function keysOf(present: readonly PresentKey[] = []): TmuxBinding[] {
  return present.filter(({ owner }) => owner === "ours").map(({ binding }) => binding);
}

/** What tmux prints; undefined when it refuses, or none runs. */
async function tmux(args: readonly string[], env: Environment): Promise<string | undefined> {
  const options = { env, timeout: TMUX_MS } as const;
  return promisify(execFile)("tmux", ["-N", ...args], options).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}
