import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type * as z from "zod";
import { PisyncError, systemErrorCode } from "./failure.ts";
import { nodeCrypto } from "./node-crypto.ts";

/**
 * To be given with a parse of an object: compiling its schema takes longer than some hundred parses of it save. zod's
 * own setting is looked at when a schema is made, which is before a program can set it.
 */
export const INTERPRETED = { jitless: true } as const;

/**
 * Reads a JSON file through its schema. Undefined when there is no such file.
 * @throws PisyncError `malformed` when it is not what the schema says.
 */
export async function readJsonFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return parseJson(text, schema, `The file ${path}`);
}

/**
 * Replaces a JSON file in one step: a reader, or a crash of this process, sees the old or the new content,
 * never a part. Mode 0600.
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  const temporary = await writeTemporaryFile(path, value);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A finished file beside `path`, for a rename or a link to make it visible. The caller removes it. */
export async function writeTemporaryFile(path: string, value: unknown): Promise<string> {
  const name = `.${basename(path)}.${process.pid}.${nodeCrypto().randomBytes(4).toString("hex")}.tmp`;
  const temporary = join(dirname(path), name);
  try {
    await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

/**
 * Parses outside text. `what` starts the sentence of the error: "The request" …
 * @throws PisyncError `malformed`.
 */
export function parseJson<S extends z.ZodType>(text: string, schema: S, what: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PisyncError("malformed", `${what} is not valid JSON.`, { cause });
  }
  return parseValue(value, schema, what);
}

/** As `parseJson`, for a value that is parsed already. */
export function parseValue<S extends z.ZodType>(value: unknown, schema: S, what: string): z.output<S> {
  const result = schema.safeParse(value, INTERPRETED);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  throw new PisyncError("malformed", `${what} is not of the expected shape${place}: ${issue?.message ?? "invalid"}.`, {
    cause: result.error,
  });
}
