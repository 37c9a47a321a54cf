import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/**
 * The licence texts of every package whose code is in the bundles, as their licences ask for.
 * @param metafiles esbuild's accounts of the bundles; only inputs that put bytes into an output count.
 * @throws when a bundled package has no licence file.
 */
export async function thirdPartyNotices(root: string, metafiles: readonly Metafile[]): Promise<string> {
  const folders = new Set<string>();
  for (const output of metafiles.flatMap((metafile) => Object.values(metafile.outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = packageFolder(input);
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  const notices = await Promise.all([...folders].sort().map((folder) => noticeOf(join(root, folder))));
  return ["pisync contains code of the packages below.", ...notices].join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}

/** `node_modules/@scope/name` of the innermost package that holds `input`, or undefined for our own files. */
function packageFolder(input: string): string | undefined {
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  const text = await readFile(await licenceFile(folder, manifest.name), "utf8");
  return `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})\n\n${text.trim()}`;
}

/** The package's own licence file, else the copy in scripts/licences/ for packages published without one. */
async function licenceFile(folder: string, name: string): Promise<string> {
  const own = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  const path = own === undefined ? join(import.meta.dirname, "licences", `${name}.txt`) : join(folder, own);
  if (!existsSync(path)) throw new Error(`${name} is bundled and has no licence file: add ${path}`);
  return path;
}
