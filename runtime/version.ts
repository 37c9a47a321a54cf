import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Set by the build; absent when the program runs from its source. */
declare const __PISYNC_VERSION__: string | undefined;

const bundledVersion = typeof __PISYNC_VERSION__ === "string" ? __PISYNC_VERSION__ : undefined;
const here = dirname(fileURLToPath(import.meta.url));

/** The version of the package this process was started from. */
export const PACKAGE_VERSION: string = bundledVersion ?? versionOfSource();

/** Programs that processes start by path; what they are called in the source and in dist/. */
const PROGRAMS = {
  host: { source: "host/main.ts", bundle: "host.js" },
  daemon: { source: "daemon/main.ts", bundle: "daemon.js" },
  /** A thread of the daemon. */
  index: { source: "daemon/conversation-index/main.ts", bundle: "index.js" },
  /** The command line itself. */
  pisync: { source: "cli/main.ts", bundle: "pisync.js" },
  sidebar: { source: "sidebar/main.ts", bundle: "sidebar.js" },
  extension: { source: "adapters/agents/pi/extension/pisync-extension.ts", bundle: "pisync-extension.mjs" },
} as const;

/** The absolute path of another program of this same package. */
export function programPath(program: keyof typeof PROGRAMS): string {
  const { source, bundle } = PROGRAMS[program];
  return bundledVersion === undefined ? join(here, "..", source) : distFile(bundle);
}

/** The absolute path of a file in dist/, also from a chunk in dist/chunks/ and from the source. */
export function distFile(name: string): string {
  if (bundledVersion === undefined) return join(here, "..", "dist", name);
  return join(basename(here) === "chunks" ? dirname(here) : here, name);
}

/** Negative when `left` is older. Semantic versioning 2.0.0, section 11, but any two pre-releases compare as text. */
export function compareVersions(left: string, right: string): number {
  const [leftNumbers, leftPre] = splitVersion(left);
  const [rightNumbers, rightPre] = splitVersion(right);
  for (let index = 0; index < 3; index += 1) {
    const difference = (leftNumbers[index] ?? 0) - (rightNumbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (leftPre === rightPre) return 0;
  if (leftPre === undefined) return 1;
  if (rightPre === undefined) return -1;
  return leftPre < rightPre ? -1 : 1;
}

function splitVersion(version: string): [numbers: number[], preRelease: string | undefined] {
  const [release = "", ...preRelease] = (version.split("+")[0] ?? "").split("-");
  const numbers = release.split(".").map((part) => Number.parseInt(part, 10) || 0);
  return [numbers, preRelease.length === 0 ? undefined : preRelease.join("-")];
}

function versionOfSource(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(here, "..", "package.json"), "utf8"));
  return (manifest as { version: string }).version;
}
