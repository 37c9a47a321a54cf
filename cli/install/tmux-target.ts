import { execFile } from "node:child_process";
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { configFile } from "../../runtime/paths.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { programPath } from "../../runtime/version.ts";
import type { InstallTarget } from "./install-target.ts";
import type { OwnFile } from "./own-file.ts";
import { blockPiece, filePiece, targetOf } from "./pieces.ts";
import { asPattern, isOurs, sourcing, TMUX_BINDINGS, tmuxConfiguration, type TmuxBinding } from "./tmux-bindings.ts";

const NAME = "tmux";
const TMUX_MS = 2_000;
const NAME_WIDTH = 9;

type Environment = Record<string, string>;

/** The file with pisync's keys, which the user's configuration reads. */
export function keysFile(env: Environment): OwnFile {
  return {
    path: join(dirname(configFile(env)), "tmux.conf"),
    target: NAME,
    comment: "#",
    body: () => tmuxConfiguration([process.execPath, programPath("pisync")]),
  };
}

/** pisync's keys in tmux: a file of its own, and a line at the end of the user's configuration that reads it. */
export async function tmuxTarget(env: Environment): Promise<InstallTarget> {
  const keys = keysFile(env);
  const candidates = configurations(env);
  const there = await Promise.all(candidates.map(isThere));
  const user = candidates.find((_, index) => there[index]) ?? candidates[0] ?? "";
  const block = { name: NAME, lines: [sourcing(keys.path)] };
  return targetOf({
    name: "The keys",
    pieces: [filePiece(keys, ", with the keys below."), blockPiece(user, block)],
    elsewhere: candidates.filter((file) => file !== user).map((file) => blockPiece(file, block)),
    about: () => keyLines(env),
    async installed() {
      const loaded = await tmux(["source-file", asPattern(keys.path)], env);
      return loaded === undefined
        ? "Every tmux that is started from now on has the keys."
        : "The keys are bound, in the tmux that runs and in every one from now on.";
    },
    async removed() {
      for (const binding of TMUX_BINDINGS) {
        if (isOurs(await listed(binding, env))) await tmux(["unbind-key", "-T", binding.table, binding.key], env);
      }
      return "The keys are gone.";
    },
  });
}

/** The files that tmux looks for, the usual one first (tmux(1), FILES). */
function configurations(env: Environment): string[] {
  const home = env.HOME || "/";
  const inConfig = (directory: string) => join(directory, "tmux", "tmux.conf");
  const xdg = env.XDG_CONFIG_HOME ? [inConfig(env.XDG_CONFIG_HOME)] : [];
  return [...new Set([join(home, ".tmux.conf"), ...xdg, inConfig(join(home, ".config"))])];
}

/** Each key with what it is for; one that somebody else has bound in the running tmux is not taken. */
async function keyLines(env: Environment): Promise<string[]> {
  const lines = TMUX_BINDINGS.map(async (binding) => {
    const present = await listed(binding, env);
    const theirs = present !== "" && !isOurs(present);
    const does = theirs ? `stays yours: ${plainText(present, { maxCells: 60 })}` : binding.note;
    return `  ${binding.name.padEnd(NAME_WIDTH)}  ${does}`;
  });
  return ["In tmux, each only where nothing of yours is bound to it:", ...(await Promise.all(lines))];
}

/** What is bound to the key in the running tmux; empty when that is nothing, or there is none. */
async function listed({ table, key }: TmuxBinding, env: Environment): Promise<string> {
  return ((await tmux(["list-keys", "-T", table, key], env)) ?? "").trim();
}

/** What tmux prints; undefined when it refuses. It never starts a server: that would run the user's configuration. */
async function tmux(args: readonly string[], env: Environment): Promise<string | undefined> {
  const options = { env, timeout: TMUX_MS } as const;
  return promisify(execFile)("tmux", ["-N", ...args], options).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
