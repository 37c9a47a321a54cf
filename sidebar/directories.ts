import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { shortenHome } from "../runtime/short-forms.ts";

/** Where paths that are typed begin. */
export interface Places {
  readonly cwd: string;
  readonly home: string | undefined;
}

const MAX_COMPLETIONS = 100;

/** The absolute path that is meant by what was typed; a `/` at its end stays. Undefined for nothing. */
export function pathTyped(typed: string, { cwd, home }: Places): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  const whole = home !== undefined && /^~(\/|$)/.test(text) ? home + text.slice(1) : text;
  const path = resolve(cwd, whole);
  return whole.endsWith("/") && path !== "/" ? `${path}/` : path;
}

/** The directories that a pattern leaves, by words in what is shown of them. */
export function matchingDirectories(known: readonly string[], pattern: string, home: string | undefined): string[] {
  const words = pattern.toLowerCase().split(/\s+/).filter(Boolean);
  return known.filter((directory) => {
    const shown = shortenHome(directory, home).toLowerCase();
    return words.every((word) => shown.includes(word) || directory.toLowerCase().includes(word));
  });
}

/**
 * The directories whose path begins so, by name; the path itself first when it is one. Hidden ones only when asked
 * for. Nothing of what cannot be read.
 */
export async function directoriesLike(path: string): Promise<string[]> {
  const [parent, beginning] = path.endsWith("/") ? [path, ""] : [dirname(path), basename(path)];
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const like = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => name.startsWith(beginning) && (beginning !== "" || !name.startsWith(".")))
    .sort()
    .slice(0, MAX_COMPLETIONS)
    .map((name) => join(parent, name));
  const own = path === "/" ? path : path.replace(/\/$/, "");
  const candidates = [own, ...like.filter((candidate) => candidate !== own)];
  const are = await Promise.all(candidates.map(isDirectory));
  return candidates.filter((_, index) => are[index]);
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
