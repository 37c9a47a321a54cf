import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildDeclarations } from "../../scripts/declarations.ts";
import { SessionList } from "../../protocol/session.ts";
import { createWorld, type TemporaryWorld } from "../support/temporary-world.ts";
import { runRoot } from "../support/run-root.ts";
import { waitFor } from "../support/wait-for.ts";

const projectRoot = join(import.meta.dirname, "..", "..");
const OLDEST_NODE = "22.19.0";

let folder: string;
let packed: string[];
let nodes: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(runRoot(), "package-"));
  const prefix = join(folder, "prefix");
  // The rest of dist/ is fresh: the suite's setup has built it.
  await buildDeclarations();
  const pack = await npm("pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const [tarball] = JSON.parse(pack) as [{ filename: string; files: { path: string }[] }];
  packed = tarball.files.map(({ path }) => path);
  await npm("install", "--global", "--prefix", prefix, join(folder, tarball.filename));
  const nodePackage = `node-${process.platform}-${process.arch}`;
  await npm("install", "--prefix", join(folder, "node"), `${nodePackage}@${OLDEST_NODE}`);
  nodes = { own: process.execPath, oldest: join(folder, "node", "node_modules", nodePackage, "bin", "node") };
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** npm as the developer has configured it, so that it finds the registry. */
async function npm(...args: string[]): Promise<string> {
  const { stdout } = await execa("npm", [...args, "--no-audit", "--no-fund"], { cwd: projectRoot });
  return stdout;
}

/** Runs the installed command where the given Node is the only one on PATH, beside a real pi. */
async function installed(world: TemporaryWorld, node: string, ...args: string[]): Promise<string> {
  const PATH = [dirname(node), join(folder, "prefix", "bin"), join(world.root, "bin"), "/usr/bin", "/bin"];
  const env = { ...world.env, PATH: PATH.join(delimiter) };
  const { stdout } = await execa("pisync", args, { env, extendEnv: false, cwd: world.work, stdin: "ignore" });
  return stdout;
}

async function worldWithPi(): Promise<TemporaryWorld> {
  const world = await createWorld();
  const pi = join(projectRoot, "node_modules", "@earendil-works", "pi-coding-agent");
  const manifest = JSON.parse(await readFile(join(pi, "package.json"), "utf8")) as { bin: { pi: string } };
  await symlink(pi, join(world.root, "pi-package"));
  await mkdir(join(world.root, "bin"));
  await symlink(join(world.root, "pi-package", manifest.bin.pi), join(world.root, "bin", "pi"));
  return world;
}

test("the package holds JavaScript, documents and licences, and of TypeScript declarations only", () => {
  expect(packed.filter((path) => /(?<!\.d)\.[cm]?tsx?$/.test(path))).toEqual([]);
  expect(packed.filter((path) => /^dist\/(?!chunks\/|types\/)/.test(path)).sort()).toEqual([
    "dist/THIRD-PARTY.txt",
    "dist/cli.js",
    "dist/client.js",
    "dist/daemon.js",
    "dist/host.js",
    "dist/index.js",
    "dist/pi-bridge.js",
    "dist/pisync-extension.mjs",
    "dist/pisync.js",
    "dist/sidebar.js",
  ]);
  expect(packed).toEqual(expect.arrayContaining(["LICENSE", "CHANGELOG.md", "package.json"]));
});

test("it brings no packages but blessed, node-pty and its binary", async () => {
  const modules = join(folder, "prefix", "lib", "node_modules", "pisync", "node_modules");
  const names = (await readdir(modules)).filter((name) => !name.startsWith("."));
  expect(names.sort()).toEqual(["@lydell", "blessed", "node-pty"]);
  expect(await readdir(join(modules, "@lydell"))).toEqual([`node-pty-${process.platform}-${process.arch}`]);
});

test.each(["own", "oldest"])(
  "installed from the package it launches, lists and kills a pi (Node: %s)",
  async (which) => {
    const node = nodes[which] ?? "";
    await using world = await worldWithPi();
    const { version } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8")) as { version: string };
    expect(await installed(world, node, "--version")).toBe(version);

    const id = (await installed(world, node, "pi", "-d")).trim();
    const sessions = async () => SessionList.parse(JSON.parse(await installed(world, node, "list", "--json"))).sessions;
    const live = await waitFor("the extension to report the conversation", async () =>
      (await sessions()).find((session) => session.id === id && session.conversation !== undefined),
    );
    expect(live).toMatchObject({ kind: "live", agent: "pi", attribution: { evidence: "extension" } });

    await installed(world, node, "kill", id);
    expect((await sessions()).filter(({ kind }) => kind === "live")).toEqual([]);
  },
);

/** A program of somebody else, with the package among its modules. */
async function consumer(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(folder, "consumer-"));
  await mkdir(join(directory, "node_modules"));
  await symlink(join(folder, "prefix", "lib", "node_modules", "pisync"), join(directory, "node_modules", "pisync"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

test("a TypeScript program has the client's types, and needs nothing else for them", async () => {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: "nodenext", target: "es2024", lib: ["es2024"] },
    ...{ types: ["node"], typeRoots: [join(projectRoot, "node_modules", "@types")], skipLibCheck: false },
  };
  const directory = await consumer({
    "package.json": '{"type":"module"}',
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
    "consumer.ts": `
      import { PisyncClient, PisyncError, type ErrorCode, type SessionSummary } from "pisync/client";
      const client = await PisyncClient.connect();
      const sessions: SessionSummary[] = (await client.list()).sessions;
      const states: string[] = sessions.flatMap(({ status }) => (status ? [status.state] : []));
      for await (const item of client.followLog("k3x9abcd")) {
        if (item.type === "gap") console.log(item.gap.from, states);
      }
      const code: ErrorCode | undefined = new Error() instanceof PisyncError ? "busy" : undefined;
      // @ts-expect-error: there is no such state.
      sessions[0]?.status?.state === "asleep";
      // @ts-expect-error: a prompt has a text.
      await client.send("k3x9abcd", { deliverAs: "auto" });
      // @ts-expect-error: a title is a text.
      const title: number = (await client.target({ name: "x" })).title;
      console.log(code, title);
    `,
  });
  const tsc = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const { all, exitCode } = await execa(process.execPath, [tsc, "-p", directory], { reject: false, all: true });
  expect({ all, exitCode }).toEqual({ all: "", exitCode: 0 });
});

test("a program uses the client on the oldest Node, without TypeScript", async () => {
  await using world = await worldWithPi();
  const directory = await consumer({
    "drive.mjs": `
      import { PisyncClient, PisyncError } from "pisync/client";
      const client = await PisyncClient.connect();
      const { session } = await client.launch({ argv: ["pi"] });
      const { kind } = await client.target({ session: session.id });
      await client.kill(session.id);
      const error = await client.state(session.id).catch((error) => error);
      console.log(kind, error instanceof PisyncError, error.code, error.stack.split(":")[0]);
    `,
  });
  const node = nodes["oldest"] ?? "";
  const PATH = [dirname(node), join(world.root, "bin"), "/usr/bin", "/bin"].join(delimiter);
  const options = { env: { ...world.env, PATH }, extendEnv: false, cwd: world.work } as const;
  const { stdout } = await execa(node, [join(directory, "drive.mjs")], options);
  expect(stdout).toBe("live true not-live PisyncError");
});
