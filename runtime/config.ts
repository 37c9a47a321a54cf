import * as z from "zod";
import { PisyncError } from "./failure.ts";
import { readJsonFile } from "./json-file.ts";
import { configFile } from "./paths.ts";
import { plainText } from "./sanitise.ts";

const FixedSize = z.strictObject({
  cols: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(500),
});

/** `config.json`; every field has a default. */
export const Config = z.strictObject({
  /** `ctrl-` and a letter or one of `\ ] ^ _`. */
  detachKey: z
    .string()
    .regex(/^ctrl-[a-z\\\]^_]$/, "must be ctrl- and a letter or one of \\ ] ^ _")
    .default("ctrl-\\"),
  /** Lines above the screen that a host keeps. */
  scrollback: z.number().int().min(100).max(10_000).default(2_000),
  /** Which size mirror views share: the smallest interactive view's, the one that typed last, or a fixed one. */
  size: z
    .union([z.enum(["smallest", "latest"]), FixedSize], { error: 'must be "smallest", "latest" or {"cols", "rows"}' })
    .default("smallest"),
});
export type Config = z.infer<typeof Config>;

/**
 * Reads the configuration; a missing file is all defaults.
 * @throws PisyncError `config-invalid`, naming the nearest key for an unknown one.
 */
export async function loadConfig(env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = configFile(env);
  const value = await readJsonFile(file, z.unknown()).catch((error: unknown) => {
    if (error instanceof PisyncError) throw invalid(file, "is not valid JSON", error);
    throw error;
  });
  const result = Config.safeParse(value === undefined ? {} : value);
  if (result.success) return result.data;
  throw invalid(file, faultOf(result.error), result.error);
}

function invalid(file: string, fault: string, cause: unknown): PisyncError {
  return new PisyncError("config-invalid", `The configuration ${file} ${fault}.`, {
    next: "Correct it or remove it; docs/cli.md lists every setting.",
    facts: { file },
    cause,
  });
}

function faultOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const shown = plainText(issue.keys[0] ?? "", { maxCells: 60 });
    return `has the unknown key "${shown}" (did you mean "${nearest(shown, Object.keys(Config.shape))}"?)`;
  }
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  return `is wrong${place}: ${issue?.message ?? "invalid"}`;
}

/** The known key with the smallest edit distance. */
function nearest(key: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(key, candidate) }));
  return distances.reduce((best, next) => (next.distance < best.distance ? next : best)).candidate;
}

/** Levenshtein's, ignoring case. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, character] of [...left.toLowerCase()].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (row[column - 1] ?? 0) + (character === right[column - 1]?.toLowerCase() ? 0 : 1);
      next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
