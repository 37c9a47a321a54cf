import { join } from "node:path";
import * as z from "zod";
import type { TipContext } from "../conversation-adapter.ts";
import { isTrusted, TrustDefault } from "./project-trust.ts";
import { agentDirectoryOf } from "./session-directory.ts";
import { readSettings } from "./settings-file.ts";

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
  defaultProjectTrust: TrustDefault,
});

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
  const global = await readSettings(join(agentDirectory, "settings.json"), Settings);
  const project = await readSettings(join(cwd, ".pi", "settings.json"), Settings);
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
