import { lstat, mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { agentDirectoryOf } from "../../adapters/agents/pi/session-directory.ts";
import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { distFile, PACKAGE_VERSION } from "../../runtime/version.ts";
import type { InstallPlan, InstallTarget } from "./install-target.ts";

/** pi loads the .js and .ts files of this folder of its agent directory, and no .mjs (0.73.1 to 1.5.2). */
const FOLDER = "extensions";
const FILE = "pisync.js";
/** Begins the file's first line; a file without it is not ours. */
const MARKER = "// Installed by pisync; remove it with: pisync uninstall extension ";

const Label = z.object({
  version: z.string().max(64),
  /** The topmost folder that was made for it. */
  made: z.string().optional(),
});
type Label = z.infer<typeof Label>;

/** What lies where the extension belongs. */
export type InstalledExtension =
  | { state: "absent" }
  | { state: "current" | "outdated"; label: Label }
  /** Something that pisync did not put there. */
  | { state: "foreign" };

/** Where every pi of this environment loads it from. */
export function installedExtensionPath(env: Record<string, string>): string {
  return join(agentDirectoryOf(env, process.cwd()), FOLDER, FILE);
}

/** Compares what is installed with what this pisync would install. */
export async function inspectExtension(path: string): Promise<InstalledExtension> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (stats === undefined) return { state: "absent" };
  const content = stats.isFile() ? await readFile(path, "utf8") : "";
  const label = labelOf(content);
  if (label === undefined) return { state: "foreign" };
  return { state: content === (await contentWith(label.made)) ? "current" : "outdated", label };
}

/** The extension of pi for every pi, not only those that pisync starts. */
export function extensionTarget(env: Record<string, string>): InstallTarget {
  const path = installedExtensionPath(env);
  const shown = plainText(path);

  async function planInstall(): Promise<InstallPlan> {
    const found = await inspectExtension(path);
    if (found.state === "foreign") throw foreignFile(shown);
    if (found.state === "current") return { says: [`${shown} is installed and up to date (${PACKAGE_VERSION}).`] };
    const what =
      found.state === "absent"
        ? `Puts a copy of pisync's extension for pi at ${shown}.`
        : `Replaces the copy of pisync ${plainText(found.label.version)} at ${shown} by that of ${PACKAGE_VERSION}.`;
    return {
      says: [
        what,
        "Every pi of yours then tells pisync on this machine which conversation it has open and whether it works or waits,",
        "so that list and sidebar are exact about those that pisync did not start, too. One that runs already: /reload.",
      ],
      async apply() {
        const made = await mkdir(dirname(path), { recursive: true });
        await replaceFile(path, await contentWith(made ?? ("label" in found ? found.label.made : undefined)));
        return `Installed ${shown}.`;
      },
    };
  }

  async function planRemoval(): Promise<InstallPlan> {
    const found = await inspectExtension(path);
    if (found.state === "foreign") throw foreignFile(shown);
    if (found.state === "absent") return { says: [`${shown} is not there: nothing to remove.`] };
    return {
      says: [`Removes ${shown}. A pi that runs goes on reporting until it ends or does /reload.`],
      async apply() {
        await rm(path);
        if (found.label.made !== undefined) await removeEmpty(dirname(path), found.label.made);
        return `Removed ${shown}.`;
      },
    };
  }

  return { planInstall, planRemoval };
}

async function contentWith(made: string | undefined): Promise<string> {
  const label: Label = { version: PACKAGE_VERSION, ...(made === undefined ? {} : { made }) };
  return `${MARKER}${JSON.stringify(label)}\n${await readFile(distFile("pisync-extension.mjs"), "utf8")}`;
}

function labelOf(content: string): Label | undefined {
  if (!content.startsWith(MARKER)) return undefined;
  try {
    return Label.parse(JSON.parse(content.slice(MARKER.length, content.indexOf("\n"))));
  } catch {
    return undefined;
  }
}

/** In one step: a pi that starts meanwhile loads the old or the new one. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = join(dirname(path), `.${FILE}.${process.pid}.tmp`);
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes the folder and those above it, up to the one that was made, as far as nothing else is in them. */
async function removeEmpty(folder: string, made: string): Promise<void> {
  for (let each = folder; each === made || each.startsWith(`${made}/`); each = dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return;
    }
  }
}

function foreignFile(path: string): PisyncError {
  return new PisyncError("foreign-file", `${path} was not put there by pisync, so it is left alone.`, {
    next: "Move it away first if it is not needed.",
    facts: { path },
  });
}
