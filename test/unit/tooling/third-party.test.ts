import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { expect, test } from "vitest";
import { thirdPartyNotices } from "../../../scripts/third-party.ts";
import { createWorld, type TemporaryWorld } from "../../support/temporary-world.ts";

async function addPackage(
  world: TemporaryWorld,
  name: string,
  licence?: { file: string; text: string },
): Promise<void> {
  const folder = join(world.work, "node_modules", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, version: "1.2.3", license: "MIT" }));
  if (licence !== undefined) await writeFile(join(folder, licence.file), licence.text);
}

/** esbuild's account of one bundle, as far as it is read: input path to bytes in the output. */
function metafile(inputs: Record<string, number>): Metafile {
  const counted: Record<string, { bytesInOutput: number }> = {};
  for (const [path, bytesInOutput] of Object.entries(inputs)) counted[path] = { bytesInOutput };
  const output = { bytes: 0, inputs: counted, imports: [], exports: [] };
  return { inputs: {}, outputs: { "x.js": output } };
}

test("lists each package with code in a bundle once, with its text", async () => {
  await using world = await createWorld();
  await addPackage(world, "plain", { file: "LICENSE", text: "Copyright plain" });
  await addPackage(world, "@scope/spelled", { file: "licence.md", text: "Copyright spelled" });
  await addPackage(world, "dropped", { file: "LICENSE", text: "Copyright dropped" });
  const notices = await thirdPartyNotices(world.work, [
    metafile({ "node_modules/plain/a.js": 10, "node_modules/plain/b.js": 5, "cli/main.ts": 100 }),
    metafile({ "node_modules/@scope/spelled/lib/a.js": 1, "node_modules/dropped/a.js": 0 }),
  ]);
  expect(notices.match(/plain 1\.2\.3 \(MIT\)\n\nCopyright plain/g)).toHaveLength(1);
  expect(notices).toContain("@scope/spelled 1.2.3 (MIT)\n\nCopyright spelled");
  expect(notices).not.toContain("dropped");
});

test("a bundled package without a licence file stops the build", async () => {
  await using world = await createWorld();
  await addPackage(world, "bare");
  const notices = thirdPartyNotices(world.work, [metafile({ "node_modules/bare/a.js": 1 })]);
  await expect(notices).rejects.toThrow("bare is bundled and has no licence file");
});
