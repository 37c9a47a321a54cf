import { stat } from "node:fs/promises";
import { PisyncError } from "../runtime/failure.ts";

/** @throws PisyncError `cwd-missing`. */
export async function requireDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new PisyncError("cwd-missing", `The directory ${path} is gone.`, {
    next: "Create it again, or start the session from a directory that exists.",
    facts: { cwd: path },
  });
}
