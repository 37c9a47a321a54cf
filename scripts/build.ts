import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { buildDeclarations } from "./declarations.ts";
import { withLeanBuiltins, withLeanCommander, withoutUnused } from "./lean-bundles.ts";
import { thirdPartyNotices } from "./third-party.ts";

/**
 * Bundles the program into dist/ (docs/adr/0004): every process is JavaScript that Node runs as it is, and
 * the only package it needs at run time is node-pty. There are no source maps; blanks and comments go, because
 * Node keeps the source in memory, but names stay and lines are short, so that a stack trace from a user's
 * machine can be read (docs/adr/0070).
 */
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** CommonJS packages inside an ES module bundle still ask for Node's built-in modules through `require`. */
const REQUIRE_BANNER = 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);';

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  outdir: dist,
  external: ["node-pty", "@lydell/*", "blessed"],
  metafile: true,
  write: false,
  plugins: [withoutUnused],
  legalComments: "none",
  minifyWhitespace: true,
  lineLimit: 120,
  logLevel: "warning",
} satisfies esbuild.BuildOptions;

/** A process of pisync, on the Node that the shim has let through. */
const ownProcess = {
  target: "node22",
  banner: { js: REQUIRE_BANNER },
} satisfies esbuild.BuildOptions;

/** One that lasts. Of the command line the stand-ins would make more files, which cost it more than they save. */
const lastingProcess = {
  ...ownProcess,
  plugins: [withoutUnused, withLeanBuiltins],
} satisfies esbuild.BuildOptions;

/** What is built: output name without extension, and how. The shim parses on old Nodes to refuse them in words. */
const programs: esbuild.BuildOptions[] = [
  { entryPoints: { pisync: "cli/shim.ts" }, target: "node16", external: [...common.external, "./cli.js"] },
  {
    ...ownProcess,
    entryPoints: { cli: "cli/main.ts" },
    plugins: [withoutUnused, withLeanCommander],
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  },
  { ...lastingProcess, entryPoints: { daemon: "daemon/main.ts" } },
  {
    ...lastingProcess,
    entryPoints: { index: "daemon/conversation-index/main.ts" },
    // Watching is loaded after the first scan.
    splitting: true,
    chunkNames: "chunks/index-[name]-[hash]",
  },
  {
    ...lastingProcess,
    entryPoints: { host: "host/main.ts" },
    // What the child does not wait for is loaded after its start.
    splitting: true,
    chunkNames: "chunks/host-[name]-[hash]",
  },
  { entryPoints: { client: "client/main.ts" }, target: "node22" },
  { entryPoints: { "pi-bridge": "cli/pi-bridge/main.ts" }, target: "node20" },
  { ...lastingProcess, entryPoints: { sidebar: "sidebar/main.ts" } },
  {
    entryPoints: { "pisync-extension": "adapters/agents/pi/extension/pisync-extension.ts" },
    target: "node20",
    outExtension: { ".js": ".mjs" },
  },
];

/** Made by `buildDeclarations`. */
const TYPES = /^types\//;

/**
 * Builds dist/ and returns the paths in it, relative to it. A file is replaced by rename and only when its
 * content changed, so a program that runs from dist/ meanwhile is not disturbed; files that no longer belong
 * are deleted. The declarations are not made here: that takes seconds.
 * @throws esbuild's BuildFailure, with nothing written.
 */
export async function build(): Promise<string[]> {
  const define = {
    __PISYNC_VERSION__: JSON.stringify(await packageVersion()),
    // zod looks whether it runs at Cloudflare; for that Node loads its navigator, 0.2 MB.
    navigator: "undefined",
  };
  const results = await Promise.all(programs.map((program) => esbuild.build({ ...common, ...program, define })));
  const notices = await thirdPartyNotices(
    root,
    results.map((result) => result.metafile as esbuild.Metafile),
  );
  await mkdir(dist, { recursive: true });
  const wanted = new Map<string, Uint8Array>([["THIRD-PARTY.txt", Buffer.from(notices)]]);
  for (const file of results.flatMap((result) => result.outputFiles ?? [])) {
    wanted.set(relative(dist, file.path), file.contents);
  }
  for (const [name, contents] of wanted) await replaceWhenChanged(join(dist, name), contents);
  for (const command of ["pisync.js", "pi-bridge.js"]) await chmod(join(dist, command), 0o755);
  await removeAllBut(new Set(wanted.keys()));
  return [...wanted.keys()].sort();
}

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

async function replaceWhenChanged(path: string, contents: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents)) return;
  const temporary = join(root, ".tmp", `${process.pid}-${basename(path)}`);
  for (const file of [path, temporary]) await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

async function removeAllBut(wanted: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const file = relative(dist, path);
    if (entry.isFile() && !wanted.has(file) && !TYPES.test(file)) await rm(path, { force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { silent: { type: "boolean", default: false } } });
  const started = performance.now();
  try {
    const files = await build();
    await buildDeclarations();
    if (!values.silent) console.log(`dist/: ${files.length} files in ${Math.round(performance.now() - started)} ms`);
  } catch (error) {
    // esbuild has printed what is wrong with the source.
    if (!(error instanceof Error && "errors" in error)) throw error;
    process.exitCode = 1;
  }
}
