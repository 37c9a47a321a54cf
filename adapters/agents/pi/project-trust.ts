import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { readSettings } from "./settings-file.ts";

/** More than anybody has answered pi's question for. */
const MAX_FOLDERS = 256;

/** What the global settings' `defaultProjectTrust` says. */
export const TrustDefault = z.enum(["ask", "always", "never"]).optional().catch(undefined);

/** pi's decisions, by real path. */
const TrustStore = z.record(z.string(), z.boolean().nullable());

/**
 * Whether pi reads the project's settings without asking: the nearest decision for the folder or one above it in
 * `trust.json`, else the global default (pi 0.87.1 and 1.5.2, core/trust-manager.js; 0.73.1 trusts every folder).
 */
export async function isTrusted(
  cwd: string,
  agentDirectory: string,
  fallback: z.infer<typeof TrustDefault>,
): Promise<boolean> {
  const decisions = await decisionsIn(agentDirectory);
  let folder = await realpath(cwd).catch(() => cwd);
  for (;;) {
    const decision = decisions !== undefined && Object.hasOwn(decisions, folder) ? decisions[folder] : undefined;
    if (typeof decision === "boolean") return decision;
    if (dirname(folder) === folder) return fallback === "always";
    folder = dirname(folder);
  }
}

/** The folders that pi was told to trust, by real path; those below them, which it trusts as well, are not listed anywhere. */
export async function trustedFolders(agentDirectory: string): Promise<string[]> {
  const decisions = Object.entries((await decisionsIn(agentDirectory)) ?? {});
  return decisions.flatMap(([folder, trusted]) => (trusted ? folder : [])).slice(0, MAX_FOLDERS);
}

function decisionsIn(agentDirectory: string): Promise<z.infer<typeof TrustStore> | undefined> {
  return readSettings(join(agentDirectory, "trust.json"), TrustStore);
}
