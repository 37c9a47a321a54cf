import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { systemErrorCode } from "../../runtime/failure.ts";
import { configFile } from "../../runtime/paths.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { programPath } from "../../runtime/version.ts";
import type { InstallPlan, InstallTarget } from "./install-target.ts";
import { withBlock, withoutBlock, type Block } from "./managed-block.ts";
import { releasing, TMUX_BINDINGS, tmuxConfiguration } from "./tmux-bindings.ts";

const run = promisify(execFile);
const TMUX_MS = 2_000;

/** pisync's keys in tmux: a file of its own, and a line at the end of the user's configuration that reads it. */
export function tmuxTarget(env: Record<string, string>): InstallTarget {
  const own = join(dirname(configFile(env)), "tmux.conf");
  const wanted = tmuxConfiguration([process.execPath, programPath("pisync")]);
  const block: Block = { name: "tmux", lines: [`source-file -q ${quoted(own)}`] };

  async function planInstall(): Promise<InstallPlan> {
    const user = await userConfiguration(env);
    const theirs = await keysOfOthers();
    const [text, present] = [await textOf(user), await textOf(own)];
    const changed = withBlock(text, block);
    const keys = TMUX_BINDINGS.map(({ key, note }) => {
      const taken = theirs.get(key);
      return taken === undefined
        ? `  prefix ${key}  ${note}`
        : `  prefix ${key}  stays yours: ${plainText(taken, { maxCells: 60 })}`;
    });
    if (changed === text && present === wanted) {
      return { says: [`${plainText(user)} reads pisync's keys already:`, ...keys] };
    }
    return {
      says: [
        `Writes ${plainText(own)} with these keys, each only where nothing of yours is bound to it:`,
        ...keys,
        `Adds to the end of ${plainText(user)}:`,
        ...changed
          .slice(withoutBlock(text, block.name).length)
          .trim()
          .split("\n")
          .map((line) => `  ${plainText(line)}`),
      ],
      async apply() {
        await mkdir(dirname(own), { recursive: true });
        await writeFile(own, wanted);
        // In place: a link into a repository of dotfiles stays one.
        await writeFile(user, changed);
        const loaded = env.TMUX !== undefined && (await tmux(["source-file", own]));
        return loaded
          ? "The keys are bound, here and in every tmux from now on."
          : "Every tmux started from now on has the keys.";
      },
    };
  }

  async function planRemoval(): Promise<InstallPlan> {
    const user = await userConfiguration(env);
    const text = await textOf(user);
    const rest = withoutBlock(text, block.name);
    const present = (await textOf(own)) !== "";
    if (rest === text && !present) return { says: ["pisync's keys are not installed: nothing to remove."] };
    return {
      says: [`Takes pisync's lines out of ${plainText(user)}, and ${plainText(own)} away.`],
      async apply() {
        if (rest === "") await rm(user, { force: true });
        else if (rest !== text) await writeFile(user, rest);
        await rm(own, { force: true });
        if (env.TMUX !== undefined) for (const { key } of TMUX_BINDINGS) await tmux(releasing(key));
        return "The keys are gone.";
      },
    };
  }

  return { planInstall, planRemoval };
}

/** The file tmux reads: the first there is of those it looks for (tmux(1), FILES). */
async function userConfiguration(env: Record<string, string>): Promise<string> {
  const home = env.HOME ?? "/";
  const xdg = join(env.XDG_CONFIG_HOME || join(home, ".config"), "tmux", "tmux.conf");
  const usual = join(home, ".tmux.conf");
  for (const file of [usual, xdg]) if ((await textOf(file)) !== "") return file;
  return usual;
}

/** What the keys do in the running tmux, as far as it is not pisync's doing. */
async function keysOfOthers(): Promise<Map<string, string>> {
  const theirs = new Map<string, string>();
  for (const { key } of TMUX_BINDINGS) {
    const { stdout } = await run("tmux", ["list-keys", "-T", "prefix", key], { timeout: TMUX_MS }).catch(() => ({
      stdout: "",
    }));
    if (stdout.trim() !== "" && !stdout.includes("pisync")) theirs.set(key, stdout.trim());
  }
  return theirs;
}

async function tmux(args: string[]): Promise<boolean> {
  return run("tmux", args, { timeout: TMUX_MS }).then(
    () => true,
    () => false,
  );
}

/** Empty when there is no such file. */
async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return "";
    throw error;
  });
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
