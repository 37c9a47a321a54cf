import { lstat, mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { PisyncError, systemErrorCode } from "../../runtime/failure.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { PACKAGE_VERSION } from "../../runtime/version.ts";

const Label = z.object({
  version: z.string().max(64),
  /** The topmost folder that was made for it. */
  made: z.string().optional(),
});
type Label = z.infer<typeof Label>;

/** A whole file that pisync puts among those of another program, with a line that says whose it is. */
export interface OwnFile {
  readonly path: string;
  /** The name given to `pisync install`. */
  readonly target: string;
  /** Begins a comment in the file's language. */
  readonly comment: "#" | "//";
  /** What has to stand before the label, such as `#!/bin/sh` and a line feed. */
  readonly head?: string;
  readonly body: () => string | Promise<string>;
  readonly mode?: number;
}

/** What lies where the file belongs. */
export type FoundFile =
  | { state: "absent" }
  | { state: "current" | "outdated"; label: Label }
  /** Something that pisync did not put there. */
  | { state: "foreign" };

/** Compares what is there with what this pisync would put there. */
export async function inspectOwnFile(file: OwnFile): Promise<FoundFile> {
  const stats = await lstat(file.path).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (stats === undefined) return { state: "absent" };
  const content = stats.isFile() ? await readFile(file.path, "utf8") : "";
  const label = labelOf(file, content);
  if (label === undefined) return { state: "foreign" };
  return { state: content === (await contentOf(file, label.made)) ? "current" : "outdated", label };
}

/** The same, where a foreign file is in the way. @throws PisyncError `foreign-file`. */
export async function findOwnFile(file: OwnFile): Promise<Exclude<FoundFile, { state: "foreign" }>> {
  const found = await inspectOwnFile(file);
  if (found.state !== "foreign") return found;
  const path = plainText(file.path);
  throw new PisyncError("foreign-file", `${path} was not put there by pisync, so it is left alone.`, {
    next: "Move it away first if it is not needed.",
    facts: { path },
  });
}

/** In one step: whoever reads it meanwhile gets the old or the new one. */
export async function writeOwnFile(file: OwnFile): Promise<void> {
  const found = await findOwnFile(file);
  const made = await mkdir(dirname(file.path), { recursive: true });
  const content = await contentOf(file, made ?? ("label" in found ? found.label.made : undefined));
  await replaceFile(file.path, content, file.mode ?? 0o644);
}

/** Removes it, and the folders that were made for it as far as nothing else is in them. */
export async function removeOwnFile(file: OwnFile): Promise<void> {
  const found = await findOwnFile(file);
  if (found.state === "absent") return;
  await rm(file.path);
  if (found.label.made !== undefined) await removeEmpty(dirname(file.path), found.label.made);
}

/** Puts a finished file in the place of another one, or where there is none. */
export async function replaceFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await writeFile(temporary, content, { flag: "wx", mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // Nobody knows the other name.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

async function contentOf(file: OwnFile, made: string | undefined): Promise<string> {
  const label: Label = { version: PACKAGE_VERSION, ...(made === undefined ? {} : { made }) };
  return `${file.head ?? ""}${markerOf(file)}${JSON.stringify(label)}\n${await file.body()}`;
}

function markerOf({ comment, target }: OwnFile): string {
  return `${comment} Installed by pisync; remove it with: pisync uninstall ${target} `;
}

function labelOf(file: OwnFile, content: string): Label | undefined {
  const marker = (file.head ?? "") + markerOf(file);
  if (!content.startsWith(marker)) return undefined;
  try {
    return Label.parse(JSON.parse(content.slice(marker.length, content.indexOf("\n", marker.length))));
  } catch {
    return undefined;
  }
}

async function removeEmpty(folder: string, made: string): Promise<void> {
  for (let each = folder; each === made || each.startsWith(`${made}/`); each = dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return;
    }
  }
}
