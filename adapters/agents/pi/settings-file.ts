import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type * as z from "zod";

/** A larger file is not read: it is nobody's settings. */
const MAX_SETTINGS_BYTES = 1024 * 1024;

/** Undefined for what is missing, too large, no regular file (a pipe would wait for a writer) or of another shape. */
export async function readSettings<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  try {
    const status = await file?.stat();
    if (file === undefined || !status?.isFile() || status.size > MAX_SETTINGS_BYTES) return undefined;
    const text = await file.readFile("utf8");
    return schema.parse(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
