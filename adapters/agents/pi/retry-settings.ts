import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { TipContext } from "../conversation-adapter.ts";
import { agentDirectoryOf } from "./session-directory.ts";

/** A larger file is not read: it is nobody's settings. */
const MAX_SETTINGS_BYTES = 1024 * 1024;

/** What pi retries with when its settings say nothing (0.73.1 to 1.5.2; the cap of the delay came later). */
const DEFAULTS = { enabled: true, maxRetries: 3, baseDelayMs: 2_000, maxAgentDelayMs: 60_000 };

const Amount = z.number().nonnegative().optional().catch(undefined);
const RetrySettings = z
  .object({
    enabled: z.boolean().optional().catch(undefined),
    maxRetries: Amount,
    baseDelayMs: Amount,
    maxAgentDelayMs: Amount,
  })
  .catch({});
const Settings = z.object({
  retry: RetrySettings.default({}),
  defaultProjectTrust: z.enum(["ask", "always", "never"]).optional().catch(undefined),
});
const TrustStore = z.record(z.string(), z.boolean().nullable());

/**
 * How pi retries in that directory: by its global settings, and by the project's where pi trusts the folder
 * (contract 43). Trust given for one run only is not written anywhere, so such settings do not count; neither do
 * settings that pi could not read.
 */
export async function retryLimits(
  cwd: string,
  env: Record<string, string>,
): Promise<Pick<TipContext, "maxRetries" | "maxRetryDelayMs">> {
  const agentDirectory = agentDirectoryOf(env, cwd);
  const global = await readJson(join(agentDirectory, "settings.json"), Settings);
  const project = await readJson(join(cwd, ".pi", "settings.json"), Settings);
  const trusted = project && (await isTrusted(cwd, agentDirectory, global?.defaultProjectTrust));
  return limits({ ...DEFAULTS, ...said(global?.retry), ...said(trusted ? project.retry : undefined) });
}

function limits({
  enabled,
  maxRetries,
  baseDelayMs,
  maxAgentDelayMs,
}: typeof DEFAULTS): Pick<TipContext, "maxRetries" | "maxRetryDelayMs"> {
  const retries = enabled ? Math.floor(maxRetries) : 0;
  const longest = retries === 0 ? 0 : Math.min(baseDelayMs * 2 ** (retries - 1), maxAgentDelayMs);
  return { maxRetries: retries, maxRetryDelayMs: Math.round(longest) };
}

function said(settings: z.infer<typeof RetrySettings> | undefined): Partial<typeof DEFAULTS> {
  return Object.fromEntries(Object.entries<unknown>(settings ?? {}).filter(([, value]) => value !== undefined));
}

/**
 * Whether pi reads the project's settings without asking: the nearest decision for the folder or one above it in
 * `trust.json`, else the global default (pi 0.87.1 and 1.5.2, core/trust-manager.js; 0.73.1 trusts every folder).
 */
async function isTrusted(
  cwd: string,
  agentDirectory: string,
  fallback: z.infer<typeof Settings>["defaultProjectTrust"],
): Promise<boolean> {
  const decisions = await readJson(join(agentDirectory, "trust.json"), TrustStore);
  let folder = await realpath(cwd).catch(() => cwd);
  for (;;) {
    const decision = decisions !== undefined && Object.hasOwn(decisions, folder) ? decisions[folder] : undefined;
    if (typeof decision === "boolean") return decision;
    if (dirname(folder) === folder) return fallback === "always";
    folder = dirname(folder);
  }
}

/** Undefined for what is missing, too large, no regular file (a pipe would wait for a writer) or of another shape. */
async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
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
