import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { configFile } from "../../runtime/paths.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { programPath } from "../../runtime/version.ts";
import type { InstallTarget } from "./install-target.ts";
import type { OwnFile } from "./own-file.ts";
import { blockPiece, filePiece, targetOf } from "./pieces.ts";
import { presentKeys, runningPiece } from "./running-tmux.ts";
import { sourcing, TMUX_BINDINGS, tmuxConfiguration } from "./tmux-bindings.ts";

const NAME = "tmux";
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

/**
 * pisync's keys in tmux: a file of its own, a line at the end of the user's configuration that reads it, and the bindings
 * in the tmux that runs.
 */
export async function tmuxTarget(env: Environment): Promise<InstallTarget> {
  const keys = keysFile(env);
  const candidates = configurations(env);
  const there = await Promise.all(candidates.map(isThere));
  const user = candidates.find((_, index) => there[index]) ?? candidates[0] ?? "";
  const block = { name: NAME, lines: [sourcing(keys.path)] };
  return targetOf({
    name: "The keys",
    verb: "are",
    pieces: [filePiece(keys, ", with the keys below."), blockPiece(user, block), runningPiece(keys, env)],
    elsewhere: candidates.filter((file) => file !== user).map((file) => blockPiece(file, block)),
    about: () => keyLines(env),
    async installed() {
      const bound = (await presentKeys(env))?.every(({ owner }) => owner !== "free");
      return bound
        ? "The keys are bound, in the tmux that runs and in every one from now on."
        : "Every tmux that is started from now on has the keys; one that runs takes them in a pane of it: pisync install tmux";
    },
    removed: () => Promise.resolve(env.TMUX ? GONE : `${GONE} ${LEFT_ELSEWHERE}`),
  });
}

const GONE = "The keys are gone.";
/** Only the one on the usual socket is found from outside. */
const LEFT_ELSEWHERE = "A tmux on another socket has them until this is done in a pane of it: pisync uninstall tmux";

/** The files that tmux looks for, the usual one first (tmux(1), FILES). */
function configurations(env: Environment): string[] {
  const home = env.HOME || "/";
  const inConfig = (directory: string) => join(directory, "tmux", "tmux.conf");
  const xdg = env.XDG_CONFIG_HOME ? [inConfig(env.XDG_CONFIG_HOME)] : [];
  return [...new Set([join(home, ".tmux.conf"), ...xdg, inConfig(join(home, ".config"))])];
}

/** Each key with what it is for; one that somebody else has bound in the running tmux is not taken. */
async function keyLines(env: Environment): Promise<string[]> {
  const present = await presentKeys(env);
  const lines = TMUX_BINDINGS.map((binding) => {
    const theirs = present?.find((key) => key.binding === binding && key.owner === "theirs");
    const does = theirs === undefined ? binding.note : `stays yours: ${plainText(theirs.listed, { maxCells: 60 })}`;
    return `  ${binding.name.padEnd(NAME_WIDTH)}  ${does}`;
  });
  return ["In tmux, each only where nothing of yours is bound to it:", ...lines];
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
