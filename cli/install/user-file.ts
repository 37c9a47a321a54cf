import { readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { systemErrorCode } from "../../runtime/failure.ts";
import { replaceFile } from "./own-file.ts";

/** A file of the user's; undefined when there is none. */
export async function readUserFile(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Changes a file of the user's in one step, so that a full disk costs nothing of it. A link into a repository of dotfiles
 * stays one, and the file keeps its permissions.
 * @param edit given what is there now; undefined stands for no file.
 */
export async function editUserFile(
  path: string,
  edit: (content: Buffer | undefined) => Buffer | undefined,
): Promise<void> {
  const before = await readUserFile(path);
  const after = edit(before);
  if (after === before || (before !== undefined && after?.equals(before))) return;
  if (before === undefined) {
    if (after !== undefined) await writeFile(path, after);
    return;
  }
  const real = await realpath(path);
  if (after === undefined) await rm(real);
  else await replaceFile(real, after, (await stat(real)).mode & 0o777);
}
