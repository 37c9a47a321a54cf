import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

const LEVELS_UP = 5;

/** The version of the pi this runs in, from the package its program belongs to; undefined when it cannot be told. */
export function piVersion(): string | undefined {
  const starts = [process.env.PI_PACKAGE_DIR, process.argv[1], process.execPath];
  for (const start of starts) {
    const version = start && versionAbove(start);
    if (version) return version;
  }
  return undefined;
}

/** True when `version` is known to be older: a pi of unknown version is taken for a recent one. */
export function isOlder(version: string | undefined, than: string): boolean {
  if (version === undefined) return false;
  const have = version.split(/[.-]/).map(Number);
  const need = than.split(".").map(Number);
  const differing = need.findIndex((part, index) => have[index] !== part);
  return differing !== -1 && (have[differing] ?? 0) < (need[differing] ?? 0);
}

function versionAbove(start: string): string | undefined {
  let directory: string;
  try {
    directory = realpathSync(start);
  } catch {
    return undefined;
  }
  for (let level = 0; level < LEVELS_UP; level += 1, directory = dirname(directory)) {
    try {
      const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Record<string, unknown>;
      const isPi = typeof manifest.name === "string" && manifest.name.endsWith("/pi-coding-agent");
      if (isPi && typeof manifest.version === "string") return manifest.version;
    } catch {
      // No readable manifest here: look further up.
    }
  }
  return undefined;
}
